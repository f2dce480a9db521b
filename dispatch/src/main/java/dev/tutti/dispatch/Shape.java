package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.Optional;
import java.util.Set;

/// The part of a task that decides where it may run at all. Tasks of one shape can stand for each
/// other in the queue.
///
/// @param continues the identity of the model that began the answer and that alone may go on with
///   it; empty for an answer that begins
record Shape(
    ModelName model,
    TaskType type,
    Set<String> needs,
    Optional<NodeId> pin,
    boolean substitute,
    int contextTokens,
    String continues) {
  static Shape of(Task<?> task) {
    return new Shape(
        task.model(),
        task.type(),
        task.needs(),
        task.pin(),
        task.substitute(),
        task.contextTokens(),
        "");
  }

  /// The same for the rest of an answer that this very model began.
  Shape continuing(ModelName begunBy, String identity) {
    return new Shape(begunBy, type, needs, pin, false, contextTokens, identity);
  }
}
