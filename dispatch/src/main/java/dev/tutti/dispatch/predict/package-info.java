/// What is learned of engines and tasks, and what is expected of them: pure bookkeeping over
/// figures that dispatch hands in. Owner loop only.
///
/// Start with {@link dev.tutti.dispatch.predict.Experience}.
@NullMarked
package dev.tutti.dispatch.predict;

import org.jspecify.annotations.NullMarked;
