package dev.tutti.app;

import dev.tutti.backends.LoadRule;
import dev.tutti.core.ModelName;
import java.util.Map;

/// What the owner says about models in memory.
///
/// @param byModel of single models
/// @param others of all others, and of what a single model's rule leaves open
record LoadRules(Map<ModelName, LoadRule> byModel, LoadRule others) {
  /// Nothing said.
  static final LoadRules NONE = new LoadRules(Map.of(), LoadRule.NONE);

  LoadRules {
    byModel = Map.copyOf(byModel);
  }

  /// What holds for a model.
  LoadRule of(ModelName model) {
    LoadRule own = byModel.get(model);
    if (own == null) {
      return others;
    }
    return new LoadRule(
        own.context().isPresent() ? own.context() : others.context(),
        own.keepAlive().or(others::keepAlive));
  }
}
