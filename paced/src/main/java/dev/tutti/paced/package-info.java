/// A simulated engine: it speaks the engines' side of every dialect, answers at a set pace, and
/// misbehaves on demand. It holds no model and says so in everything it answers.
///
/// Start with {@link dev.tutti.paced.PacedEngine} (inside a process) or {@link
/// dev.tutti.paced.PacedMain} (as a process). A request's way: `PacedEngine` reads it and picks its
/// fault → one of the `…Api` classes turns it into an `Ask` → `Machine` gives it a slot, loads the
/// model and runs a `Generation` → `Answer` writes the pieces in an `AnswerFormat`. Everything of
/// one engine runs on one event loop. This room calls only `core`.
@NullMarked
package dev.tutti.paced;

import org.jspecify.annotations.NullMarked;
