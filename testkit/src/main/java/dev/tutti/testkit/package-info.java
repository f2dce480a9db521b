/// What tests are made of: seeds, a TCP proxy with faults, a model that is ours, and a real
/// `llama-server` to run it.
///
/// Start with {@link dev.tutti.testkit.Seeds}, and with `SimulatedTime` of `core` where time
/// matters. Any room's tests may call this room; nothing that is shipped may.
@NullMarked
package dev.tutti.testkit;

import org.jspecify.annotations.NullMarked;
