/// Nodes, the facts of their backends, and whether they can be trusted to answer.
///
/// {@link dev.tutti.fleet.Fleet} is the registry: commands in, {@link dev.tutti.fleet.FleetEvent}s
/// and an immutable {@link dev.tutti.fleet.FleetView} out, one owner loop. The policies beside it
/// (liveness, naming, what a model is for) are pure. Called by dispatch, backends, link, discovery,
/// store, gateway and app; calls core only.
@NullMarked
package dev.tutti.fleet;

import org.jspecify.annotations.NullMarked;
