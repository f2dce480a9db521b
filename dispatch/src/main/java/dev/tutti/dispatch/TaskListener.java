package dev.tutti.dispatch;

import dev.tutti.core.Failure;

/// Hears one task from submission to its one end. Owner loop only.
///
/// @param <E> a piece of an answer
public interface TaskListener<E> {
  /// The task waits; told once when it enters the queue.
  void queued(int position);

  /// The same with how long it will be.
  ///
  /// @param expected an estimate; its time to live may end the wait before
  default void queued(int position, WaitEstimate expected) {
    queued(position);
  }

  /// What is held in memory for the task until it ends, in bytes; asked once.
  default long heldBytes() {
    return 0;
  }

  /// An attempt begins. Called once per attempt; what earlier attempts brought is to be forgotten.
  void assigned(Assignment assignment);

  /// The task is back in the queue: its attempt failed before anything was written. Told each time,
  /// beside {@link #queued}.
  default void waitsAgain() {}

  /// Whether the client named the request, so that to do it twice is what it asked for
  /// (`idempotency-key`).
  default boolean mayBeDoneTwice() {
    return false;
  }

  /// A piece of the answer. What cannot be told is thrown as a {@link
  /// dev.tutti.core.MeshException}, and ends the task with its failure.
  ///
  /// @return whether anything of this answer has now been written to the client, so that no other
  ///   attempt may take its place
  boolean event(E event);

  /// The one good end.
  void done(AnswerUsage usage);

  /// The one bad end. After something was written the client must be made to notice.
  void failed(Failure failure);
}
