/// Benchmarks anybody can rerun: they start the program as a user would and measure from outside.
///
/// Run them with `./tutti bench NAME`. Results worth keeping are in `bench/results`.
@NullMarked
package dev.tutti.bench;

import org.jspecify.annotations.NullMarked;
