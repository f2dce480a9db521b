/// A mesh of real processes that is hurt while clients ask, and the judge of what they got.
@NullMarked
package dev.tutti.e2e.chaos;

import org.jspecify.annotations.NullMarked;
