package dev.tutti.app;

import dev.tutti.backends.FixedMemory;
import dev.tutti.backends.LoadRule;
import dev.tutti.backends.ModelMemory;
import dev.tutti.backends.OllamaMemory;
import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.ModelFacts;
import java.util.Optional;
import java.util.function.Function;

/// Gives each engine what decides how it holds its models in memory. Owner loop only.
final class Memories {
  private final Fleet fleet;
  private final Time time;
  private LoadRules rules;

  Memories(Fleet fleet, Time time, LoadRules rules) {
    this.fleet = fleet;
    this.time = time;
    this.rules = rules;
  }

  /// Other rules hold from now on; what is loaded stays so until it is asked for.
  void rules(LoadRules fresh) {
    rules = fresh;
  }

  /// A memory for an engine that nothing was asked of yet.
  ModelMemory of(BackendId id, BackendKind kind) {
    Function<ModelName, Optional<ModelFacts>> facts =
        model ->
            Optional.ofNullable(fleet.view().backends().get(id))
                .flatMap(backend -> backend.model(model));
    return switch (kind) {
      case OLLAMA -> new OllamaMemory(facts, this::rule, time);
      case LLAMA_SERVER, VLLM, LM_STUDIO, OPENAI, ANTHROPIC -> new FixedMemory(facts);
    };
  }

  private LoadRule rule(ModelName model) {
    return rules.of(model);
  }
}
