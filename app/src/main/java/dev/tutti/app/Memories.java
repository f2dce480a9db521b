package dev.tutti.app;

import dev.tutti.backends.FixedMemory;
import dev.tutti.backends.LoadRule;
import dev.tutti.backends.ModelMemory;
import dev.tutti.backends.OllamaMemory;
import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.ModelFacts;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Gives each engine what decides how it holds its models in memory. Owner loop only.
final class Memories {
  private final Fleet fleet;
  private final Time time;
  private LoadRules rules;
  private Map<BackendId, Map<ModelName, Duration>> planned = Map.of();

  Memories(Fleet fleet, Time time, LoadRules rules) {
    this.fleet = fleet;
    this.time = time;
    this.rules = rules;
  }

  /// Other rules hold from now on; what is loaded stays so until it is asked for.
  void rules(LoadRules fresh) {
    rules = fresh;
  }

  /// So long a model stays in an engine's memory by plan, from the next request for it on.
  void planned(Map<BackendId, Map<ModelName, Duration>> keep) {
    planned = Map.copyOf(keep);
  }

  /// A memory for an engine that nothing was asked of yet.
  ModelMemory of(BackendId id, BackendKind kind) {
    Function<ModelName, Optional<ModelFacts>> facts =
        model ->
            Optional.ofNullable(fleet.view().backends().get(id))
                .flatMap(backend -> backend.model(model));
    return switch (kind) {
      case OLLAMA -> new OllamaMemory(facts, model -> rule(id, model), time);
      case LLAMA_SERVER, VLLM, LM_STUDIO, OPENAI, ANTHROPIC -> new FixedMemory(facts);
    };
  }

  /// The owner's word, and the plan's where that keeps it for longer; a pin is for ever.
  private LoadRule rule(BackendId id, ModelName model) {
    LoadRule rule = rules.of(model);
    BackendView backend = fleet.view().backends().get(id);
    boolean pinned = backend != null && rules.isPinned(model, backend.node());
    Duration keep =
        pinned
            ? OllamaLoad.FOREVER
            : planned.getOrDefault(id, Map.of()).getOrDefault(model, Duration.ZERO);
    boolean longer = keep.compareTo(rule.keepAlive().orElse(Duration.ZERO)) > 0;
    return longer ? new LoadRule(rule.context(), Optional.of(keep)) : rule;
  }
}
