package dev.tutti.dispatch.predict;

import dev.tutti.dispatch.Task;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;

/// What is expected of engines and tasks. Owner loop only.
///
/// @param <W> the work
public interface Foresight<W> {
  /// How fast that engine answers with that model.
  Pace pace(NodeView node, BackendView backend, ModelFacts model);

  /// The expected length of the whole answer, in tokens, when `written` are there already; more
  /// than `written`.
  double outputTokens(Task<? extends W> task, double written);

  /// The length of the prompt as that engine will count it, in tokens.
  double promptTokens(Task<? extends W> task);

  /// Tokens of prompts that the engine keeps for that model, 0 when nobody knows.
  default int cacheTokens(NodeView node, BackendView backend, ModelFacts model) {
    return 0;
  }

  /// Tokens of the prompt that the engine had in its cache, as it says or as it seems.
  default int cachedTokens(Lesson<? extends W> lesson) {
    return lesson.usage().cachedTokens();
  }

  /// An attempt ended well: whoever learns may learn from it.
  void learn(Lesson<? extends W> lesson);
}
