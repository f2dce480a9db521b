package dev.tutti.app;

import dev.tutti.backends.LoadRule;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.Map;
import java.util.Set;

/// What the owner says about models in memory.
///
/// @param byModel of single models
/// @param pins on which machines a model is to stay in memory, whatever is asked for
/// @param others of all others, and of what a single model's rule leaves open
record LoadRules(
    Map<ModelName, LoadRule> byModel, Map<ModelName, Set<NodeId>> pins, LoadRule others) {
  /// Nothing said.
  static final LoadRules NONE = new LoadRules(Map.of(), LoadRule.NONE);

  /// Rules without pins.
  LoadRules(Map<ModelName, LoadRule> byModel, LoadRule others) {
    this(byModel, Map.of(), others);
  }

  LoadRules {
    byModel = Map.copyOf(byModel);
    pins = Map.copyOf(pins);
  }

  /// Whether a model is to stay in memory on that machine.
  boolean isPinned(ModelName model, NodeId node) {
    return pins.getOrDefault(model, Set.of()).contains(node);
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
