/// Traces replayed on simulated time: what a fleet would do with them under each strategy.
///
/// A fleet is read from a file ({@link dev.tutti.simulate.FleetFile}), a trace of requests from
/// another ({@link dev.tutti.simulate.Trace}). {@link dev.tutti.simulate.Simulation} runs the
/// production dispatcher against modelled engines and measures what the clients would have seen.
/// Nothing here knows a clock or a network: the same input gives the same figures to the last
/// digit. The model and where its figures come from: `design.md`. Called by app and bench; calls
/// core, fleet and dispatch.
@NullMarked
package dev.tutti.simulate;

import org.jspecify.annotations.NullMarked;
