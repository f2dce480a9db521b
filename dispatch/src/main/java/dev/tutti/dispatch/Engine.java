package dev.tutti.dispatch;

/// The port to one backend: what dispatch needs of it. Owner loop only, in both directions.
///
/// A slot is a credit. Dispatch spends one when it starts an attempt; the engine gives it back
/// through {@link SlotListener} when it can really take the next one, which may be later than the
/// end of the attempt, but had better not be earlier: a slot that opens before its attempt is told
/// to have failed sends the next task to an engine that nobody knows to be dead. So a tunnel's free
/// streams and a counter for direct HTTP are the same thing.
///
/// @param <W> the work
/// @param <E> a piece of an answer
public interface Engine<W, E> {
  /// Starts one attempt; the task names the model that was chosen and is never virtual. Never
  /// throws and never calls `listener` before it returns.
  Attempt start(Task<W> task, AttemptListener<E> listener);

  /// What this engine will do differently from what the task asks, for people: a part of {@link
  /// Assignment#why()}; empty when nothing. Asked just before {@link #start} with the same task,
  /// and changes nothing.
  default String terms(Task<W> task) {
    return "";
  }

  /// A running attempt.
  interface Attempt {
    /// Ends it at once and makes the engine stop generating. Afterwards the listener hears nothing
    /// more. Harmless when it has ended.
    void cancel();

    /// Asks for no more pieces until {@link #resume()}; pieces under way may still come.
    void pause();

    /// Undoes {@link #pause()}.
    void resume();
  }

  /// Where an engine tells how many slots it has free.
  interface SlotListener {
    /// One more slot is free.
    void slotOpened();

    /// A free slot is gone.
    void slotClosed();
  }
}
