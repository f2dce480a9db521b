package dev.tutti.dispatch;

import dev.tutti.core.TaskId;

/// The client's hold on its task. Owner loop only; harmless after the task's end.
public interface TaskHandle {
  /// The task's name.
  TaskId id();

  /// The client went away: the task ends now, wherever it is, and its listener hears nothing more.
  void cancel();

  /// The client reads too slowly: asks the engine for no more pieces until {@link #resume()}. A
  /// paused attempt is not taken for a stalled one.
  void pause();

  /// Undoes {@link #pause()}.
  void resume();
}
