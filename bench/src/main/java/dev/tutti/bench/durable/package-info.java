/// Whether longer work survives the death of the hub: simulated deaths between any two statements,
/// and real ones by SIGKILL, each checked against what clients were told.
@NullMarked
package dev.tutti.bench.durable;

import org.jspecify.annotations.NullMarked;
