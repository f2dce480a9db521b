/// A mesh of real processes that is hurt again and again: how soon work avoids who is gone, what
/// becomes of who was there, and what it costs the others.
@NullMarked
package dev.tutti.bench.chaos;

import org.jspecify.annotations.NullMarked;
