package dev.tutti.dispatch;

import java.util.List;

/// The queue at one moment.
///
/// @param limit the most tasks that may wait
/// @param waiting those that wait, in order
public record QueueView(int limit, List<TaskView> waiting) {
  /// Copies the list.
  public QueueView {
    waiting = List.copyOf(waiting);
  }
}
