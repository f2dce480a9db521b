package dev.tutti.dispatch.predict;

import dev.tutti.core.BackendId;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Task;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;

/// What an attempt that ended well has shown.
///
/// @param task the task
/// @param node where it ran
/// @param backend the engine
/// @param model the model that answered
/// @param usage what the engine told
/// @param pieces pieces of the answer
/// @param firstMillis from its start to its first piece, by our clock
/// @param writeMillis from its first piece to its end, by our clock
/// @param reading what the engine did for others until the first piece
/// @param writing the same from then on
/// @param cachedExpected tokens of the prompt that were thought to be in the engine's cache
/// @param resident whether the model was in memory when it started
public record Lesson<W>(
    Task<W> task,
    NodeView node,
    BackendView backend,
    ModelFacts model,
    AnswerUsage usage,
    int pieces,
    double firstMillis,
    double writeMillis,
    Others reading,
    Others writing,
    int cachedExpected,
    boolean resident) {
  /// What an engine did for others in some time.
  ///
  /// @param read tokens of prompts
  /// @param written tokens of answers
  public record Others(double read, double written) {}

  /// The engine's name.
  BackendId at() {
    return backend.id();
  }
}
