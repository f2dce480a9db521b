package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import java.util.Set;

/// What a strategy may know of a task: everything but the work itself.
///
/// @param type what kind of work
/// @param model the model asked for; may be virtual
/// @param needs capabilities a model must have
/// @param outputLimit the most tokens the answer may have, 0 when the client does not say
/// @param session what ties a conversation together, empty when the client gives nothing
public record TaskFacts(
    TaskType type, ModelName model, Set<String> needs, int outputLimit, String session) {
  /// The facts of a task.
  public static TaskFacts of(Task<?> task) {
    return new TaskFacts(
        task.type(), task.model(), task.needs(), task.outputLimit(), task.session());
  }
}
