/// Time, failures, ids and quantities: only what at least three rooms need.
///
/// Start with {@link dev.tutti.core.Failure}: it says how a failure is told between rooms. Anybody
/// may call this room; it calls nobody.
@NullMarked
package dev.tutti.core;

import org.jspecify.annotations.NullMarked;
