package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.Optional;
import java.util.Set;

/// The part of a task that decides where it may run at all. Tasks of one shape can stand for each
/// other in the queue.
///
/// @param difficulty how hard it is for an `auto` model, `USUAL` for all others
/// @param local whether it must not leave the owner's own machines
/// @param batch whether nobody waits for it
/// @param continues the identity of the model that began the answer and that alone may go on with
///   it; empty for an answer that begins
/// @param licence what who asked may use
/// @param reach whether it has to wait for the turn of its pools
record Shape(
    ModelName model,
    TaskType type,
    Difficulty difficulty,
    Set<String> needs,
    Optional<NodeId> pin,
    boolean substitute,
    boolean local,
    boolean batch,
    int contextTokens,
    String continues,
    Licence licence,
    Reach reach) {
  static Shape of(Task<?> task) {
    return new Shape(
        task.model(),
        task.type(),
        task.model().isAuto() ? task.appraisal().difficulty() : Difficulty.USUAL,
        task.needs(),
        task.pin(),
        task.substitute(),
        task.local(),
        task.priority() <= Policy.BATCH_PRIORITY,
        task.contextTokens(),
        "",
        task.licence(),
        Reach.IN_TURN);
  }

  /// The same once an engine failed at it: where the choice is ours, any model that can do it is
  /// better than none.
  Shape afterFailure() {
    return model.isAuto()
        ? new Shape(
            model,
            type,
            difficulty,
            needs,
            pin,
            true,
            local,
            batch,
            contextTokens,
            continues,
            licence,
            reach)
        : this;
  }

  /// The same for the rest of an answer that this very model began.
  Shape continuing(ModelName begunBy, String identity) {
    return new Shape(
        begunBy,
        type,
        difficulty,
        needs,
        pin,
        false,
        local,
        batch,
        contextTokens,
        identity,
        licence,
        reach);
  }

  /// The same with another reach.
  Shape reaching(Reach other) {
    return new Shape(
        model,
        type,
        difficulty,
        needs,
        pin,
        substitute,
        local,
        batch,
        contextTokens,
        continues,
        licence,
        other);
  }

  /// Which pools are open.
  enum Reach {
    /// The first in which somebody takes work.
    IN_TURN,
    /// All of them: those whose turn it was failed at the task.
    EVERYWHERE,
    /// The cloud's: at home it would wait for too long.
    CLOUD
  }
}
