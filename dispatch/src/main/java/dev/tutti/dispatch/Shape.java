package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.Optional;
import java.util.Set;

/// The part of a task that decides where it may run at all. Tasks of one shape can stand for each
/// other in the queue.
///
/// @param type what decides, `auto` models apart, is only whether texts are to become vectors, or a
///   model is to be loaded; so `chat` stands for all other types there, and such tasks share a lane
/// @param difficulty how hard it is for an `auto` model, `USUAL` for all others
/// @param continues the identity of the model that began the answer and that alone may go on with
///   it; empty for an answer that begins
record Shape(
    ModelName model,
    TaskType type,
    Difficulty difficulty,
    Set<String> needs,
    Optional<NodeId> pin,
    boolean substitute,
    int contextTokens,
    String continues) {
  static Shape of(Task<?> task) {
    boolean ours = task.model().isAuto();
    return new Shape(
        task.model(),
        ours || decides(task.type()) ? task.type() : TaskType.CHAT,
        ours ? task.appraisal().difficulty() : Difficulty.USUAL,
        task.needs(),
        task.pin(),
        task.substitute(),
        task.contextTokens(),
        "");
  }

  /// Texts become vectors only with some models, and any model can be loaded.
  private static boolean decides(TaskType type) {
    return type == TaskType.EMBED || type == TaskType.LOAD;
  }

  /// The same once an engine failed at it: where the choice is ours, any model that can do it is
  /// better than none.
  Shape afterFailure() {
    return model.isAuto()
        ? new Shape(model, type, difficulty, needs, pin, true, contextTokens, continues)
        : this;
  }

  /// The same for the rest of an answer that this very model began.
  Shape continuing(ModelName begunBy, String identity) {
    return new Shape(begunBy, type, difficulty, needs, pin, false, contextTokens, identity);
  }
}
