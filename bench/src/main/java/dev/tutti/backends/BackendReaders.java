package dev.tutti.backends;

import dev.tutti.fleet.ModelFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What engines are believed about themselves.
public final class BackendReaders {
  private BackendReaders() {}

  /// What each kind of engine would mean by this answer to a question about its models; empty when
  /// it is no JSON object.
  public static List<List<ModelFacts>> models(byte[] answer) {
    Optional<JsonNode> object = EngineJson.object(answer);
    if (object.isEmpty()) {
      return List.of();
    }
    JsonNode told = object.get();
    var all = new ArrayList<List<ModelFacts>>();
    all.add(ollama(told));
    all.add(OpenAiFacts.plain(told));
    all.add(OpenAiFacts.vllm(told));
    all.add(OpenAiFacts.anthropic(told));
    for (OpenAiFacts.Embeds embeds : OpenAiFacts.Embeds.values()) {
      all.add(OpenAiFacts.llamaServer(told, told, embeds));
    }
    OpenAiFacts.lmStudio(told).ifPresent(all::add);
    kinds(told);
    return all;
  }

  private static List<ModelFacts> ollama(JsonNode told) {
    OllamaFacts.Shown shown = OllamaFacts.shown(told);
    var loaded = OllamaFacts.loaded(told);
    return OllamaFacts.tags(told).stream()
        .map(model -> OllamaFacts.with(model, shown))
        .map(model ->
            OllamaFacts.with(model, loaded.getOrDefault(model.name(), ModelFacts.Loaded.NOT)))
        .toList();
  }

  private static void kinds(JsonNode told) {
    OpenAiFacts.isLlamaServer(told);
    OpenAiFacts.isVllm(told);
    OpenAiFacts.isAnthropic(told);
    OpenAiFacts.isAnthropicError(told);
  }
}
