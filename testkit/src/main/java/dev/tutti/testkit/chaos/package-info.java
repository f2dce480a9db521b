/// A mesh that is hurt on purpose: machines on a switch ({@link dev.tutti.testkit.chaos.Lan}), a
/// hub with engines on them ({@link dev.tutti.testkit.chaos.ChaosMesh}), what is done to them
/// ({@link dev.tutti.testkit.chaos.Harm}), and the judge of what clients got ({@link
/// dev.tutti.testkit.chaos.Judge}).
@NullMarked
package dev.tutti.testkit.chaos;

import org.jspecify.annotations.NullMarked;
