/// How often the registry calls somebody dead who is alive, and how soon it notices who is not.
///
/// The production {@link dev.tutti.fleet.Fleet} on simulated time, under a crude model of stalls.
/// Each run comes from its seed and is the same every time.
@NullMarked
package dev.tutti.bench.liveness;

import org.jspecify.annotations.NullMarked;
