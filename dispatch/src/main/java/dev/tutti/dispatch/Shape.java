package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.Optional;
import java.util.Set;

/// The part of a task that decides where it may run at all. Tasks of one shape can stand for each
/// other in the queue.
record Shape(
    ModelName model,
    TaskType type,
    Set<String> needs,
    Optional<NodeId> pin,
    boolean substitute,
    int contextTokens) {
  static Shape of(Task<?> task) {
    return new Shape(
        task.model(),
        task.type(),
        task.needs(),
        task.pin(),
        task.substitute(),
        task.contextTokens());
  }
}
