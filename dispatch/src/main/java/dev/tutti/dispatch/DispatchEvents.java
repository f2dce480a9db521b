package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;

/// Hears what dispatch does: for health, telemetry, the feed and the store. Owner loop only; the
/// fleet may be told from within, the rest must not take long.
public interface DispatchEvents {
  /// A task waits.
  ///
  /// @param position its place in the queue, 1 for the first
  /// @param expected how long it will wait
  void taskQueued(Task<?> task, int position, WaitEstimate expected);

  /// An attempt begins.
  void taskAssigned(Task<?> task, Assignment assignment);

  /// An attempt failed, by the engine's fault or not; the task may go on elsewhere. This is
  /// evidence about the backend.
  void attemptFailed(TaskId task, BackendId backend, Failure failure);

  /// A piece of an answer came from the backend; told at most once in {@link
  /// dev.tutti.fleet.LivenessLimits#SIGN_EVERY}.
  default void signOfLife(BackendId backend) {}

  /// So many answers of the backend that had begun bring nothing any more, and no other of it does.
  default void mute(BackendId backend, int answers) {}

  /// An attempt ended well.
  ///
  /// @param tokensPerSecond how fast its answer came, 0 when that is not known
  /// @param beside attempts that ran there at its end, itself included
  default void served(BackendId backend, ModelName model, double tokensPerSecond, int beside) {}

  /// A task ended.
  void taskFinished(Task<?> task, TaskRecord record);

  /// The queue stands, or does so no longer.
  default void overloaded(boolean overloaded) {}

  /// The number of waiting tasks changed. Told once per turn of the owner loop.
  void queueChanged(int waiting);
}
