package dev.tutti.backends;

import static dev.tutti.backends.EngineJson.bytes;
import static dev.tutti.backends.EngineJson.count;
import static dev.tutti.backends.EngineJson.keep;
import static dev.tutti.backends.EngineJson.text;
import static dev.tutti.backends.EngineJson.texts;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.Footprint;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelTypes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What Ollama's answers about its models mean: pure.
final class OllamaFacts {
  private static final List<String> DETAILS =
      List.of("family", "parameter_size", "quantization_level", "format", "parent_model");
  private static final String REMOTE_HOST = "remote_host";

  private OllamaFacts() {}

  /// What the engine tells of one model when asked for it by name; the same for the same digest.
  ///
  /// @param contextBytes memory that one token of context takes, 0 when it cannot be told
  record Shown(List<String> capabilities, int contextTokens, long contextBytes) {
    Shown {
      capabilities = List.copyOf(capabilities);
    }
  }

  /// The models in `GET /api/tags`, none of them loaded.
  static List<ModelFacts> tags(JsonNode answer) {
    return ModelList.of(answer.path("models"), OllamaFacts::tag);
  }

  private static Optional<ModelFacts> tag(JsonNode entry) {
    return name(entry)
        .map(name -> {
          JsonNode told = entry.path("details");
          Map<String, String> details = new HashMap<>();
          DETAILS.forEach(field -> keep(details, field, text(told, field)));
          // A model that this Ollama has somebody else run: it leaves the house.
          keep(details, REMOTE_HOST, text(entry, REMOTE_HOST));
          List<String> capabilities = texts(entry.path("capabilities"));
          return new ModelFacts(
              name,
              ModelTypes.classify(name, capabilities),
              bytes(entry, "size"),
              text(entry, "digest"),
              count(told, "context_length"),
              ModelFacts.Loaded.NOT,
              capabilities,
              details,
              text(entry, "modified_at"));
        });
  }

  private static Optional<ModelName> name(JsonNode entry) {
    Optional<ModelName> name = EngineJson.model(entry, "name");
    return name.isPresent() ? name : EngineJson.model(entry, "model");
  }

  /// Whether the list leaves something open that `POST /api/show` tells.
  static boolean needsShow(ModelFacts model) {
    return model.capabilities().isEmpty() || model.contextTokens() == 0;
  }

  /// The answer to `POST /api/show`.
  static Shown shown(JsonNode answer) {
    JsonNode details = answer.path("model_info");
    String architecture = text(details, "general.architecture");
    return new Shown(
        texts(answer.path("capabilities")),
        count(details, architecture + ".context_length"),
        contextBytes(details, architecture));
  }

  /// Two bytes for each key and each value of each layer. Source of the names: GGUF's own
  /// `docs/gguf.md`.
  private static long contextBytes(JsonNode details, String architecture) {
    long layers = count(details, architecture + ".block_count");
    long heads = count(details, architecture + ".attention.head_count");
    long keyHeads = count(details, architecture + ".attention.head_count_kv");
    long usual = heads == 0 ? 0 : count(details, architecture + ".embedding_length") / heads;
    long key = count(details, architecture + ".attention.key_length");
    long value = count(details, architecture + ".attention.value_length");
    long perHead = (key > 0 ? key : usual) + (value > 0 ? value : usual);
    return 2 * layers * keyHeads * perHead;
  }

  /// The model with what was shown of it.
  static ModelFacts with(ModelFacts model, Shown shown) {
    List<String> capabilities =
        model.capabilities().isEmpty() ? shown.capabilities() : model.capabilities();
    return new ModelFacts(
        model.name(),
        ModelTypes.classify(model.name(), capabilities),
        model.size(),
        model.digest(),
        model.contextTokens() == 0 ? shown.contextTokens() : model.contextTokens(),
        model.loaded(),
        capabilities,
        details(model, shown),
        model.modifiedAt());
  }

  private static Map<String, String> details(ModelFacts model, Shown shown) {
    var details = new HashMap<>(model.details());
    if (shown.contextBytes() > 0) {
      details.put(Footprint.CONTEXT_BYTES, Long.toString(shown.contextBytes()));
    }
    return details;
  }

  /// What `GET /api/ps` says is in memory.
  static Map<ModelName, ModelFacts.Loaded> loaded(JsonNode answer) {
    Map<ModelName, ModelFacts.Loaded> loaded = new HashMap<>();
    for (JsonNode entry : answer.path("models")) {
      name(entry)
          .ifPresent(name ->
              loaded.putIfAbsent(
                  name,
                  new ModelFacts.Loaded(
                      true,
                      bytes(entry, "size"),
                      bytes(entry, "size_vram"),
                      count(entry, "context_length"),
                      text(entry, "expires_at"))));
    }
    return loaded;
  }

  /// The model as it is in memory.
  static ModelFacts with(ModelFacts model, ModelFacts.Loaded loaded) {
    return new ModelFacts(
        model.name(),
        model.type(),
        model.size(),
        model.digest(),
        model.contextTokens(),
        loaded,
        model.capabilities(),
        model.details(),
        model.modifiedAt());
  }
}
