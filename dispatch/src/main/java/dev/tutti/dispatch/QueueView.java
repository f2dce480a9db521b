package dev.tutti.dispatch;

import java.util.List;

/// The queue at one moment.
///
/// @param limit the most tasks of one band that may wait
/// @param overloaded whether the queue stands: newest first, and low priorities are turned away
/// @param shares what each band has of the queue
/// @param waiting those that wait, in order
public record QueueView(int limit, boolean overloaded, List<Share> shares, List<TaskView> waiting) {
  /// Copies the lists.
  public QueueView {
    shares = List.copyOf(shares);
    waiting = List.copyOf(waiting);
  }

  /// What a band has of the queue.
  ///
  /// @param waiting its tasks that wait
  /// @param bytes what they hold in memory
  public record Share(Band band, int waiting, long bytes) {}
}
