package dev.tutti.backends;

import static dev.tutti.backends.EngineJson.bytes;
import static dev.tutti.backends.EngineJson.count;
import static dev.tutti.backends.EngineJson.isSet;
import static dev.tutti.backends.EngineJson.keep;
import static dev.tutti.backends.EngineJson.text;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.ModelTypes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What the model lists at `/v1/models` mean, which engines fill each with its own additions: pure.
final class OpenAiFacts {
  private static final String LLAMA_OWNER = "llamacpp";
  private static final String VLLM_OWNER = "vllm";
  private static final String COMPLETION = "completion";
  private static final String EMBEDDING = "embedding";
  private static final String TOOLS = "tools";
  private static final String VISION = "vision";
  private static final String AUDIO = "audio";

  private OpenAiFacts() {}

  /// Whether a llama-server answers `/v1/embeddings`.
  enum Embeds {
    /// It was started to.
    YES,
    /// It says that it was not.
    NO,
    /// It was not asked, or did not say: then a model's name decides.
    UNKNOWN
  }

  /// Whether an answer is a list of models at all.
  static boolean isModelList(JsonNode answer) {
    return answer.path("data").isArray();
  }

  /// Whether the list comes from llama-server.
  static boolean isLlamaServer(JsonNode answer) {
    return isOwnedBy(answer, LLAMA_OWNER);
  }

  /// Whether the list comes from vLLM.
  static boolean isVllm(JsonNode answer) {
    return isOwnedBy(answer, VLLM_OWNER);
  }

  /// Whether the list is one of Anthropic's API, which has pages and no `object`.
  static boolean isAnthropic(JsonNode answer) {
    return isModelList(answer) && answer.path("has_more").isBoolean() && !answer.has("object");
  }

  /// Whether an answer is an error of Anthropic's API.
  static boolean isAnthropicError(JsonNode answer) {
    return text(answer, "type").equals("error") && answer.path("error").isObject();
  }

  /// The models of a server of Anthropic's API.
  static List<ModelFacts> anthropic(JsonNode answer) {
    return ModelList.of(
        answer.path("data"),
        entry ->
            EngineJson.model(entry, "id")
                .map(name -> plain(name, count(entry, "max_input_tokens"))));
  }

  private static boolean isOwnedBy(JsonNode answer, String owner) {
    return text(answer.path("data").path(0), "owned_by").equals(owner);
  }

  /// The models of an engine of which nothing more is known.
  static List<ModelFacts> plain(JsonNode answer) {
    return ModelList.of(
        answer.path("data"),
        entry ->
            EngineJson.model(entry, "id").map(name -> plain(name, count(entry, "context_length"))));
  }

  private static ModelFacts plain(ModelName name, int contextTokens) {
    return facts(
        name,
        ModelTypes.classify(name, List.of()),
        Bytes.UNKNOWN,
        contextTokens,
        ModelFacts.Loaded.NOT,
        List.of(),
        Map.of());
  }

  /// vLLM's models: always in memory, with `max_model_len`.
  static List<ModelFacts> vllm(JsonNode answer) {
    return ModelList.of(
        answer.path("data"),
        entry ->
            EngineJson.model(entry, "id")
                .map(name -> {
                  int context = count(entry, "max_model_len");
                  return facts(
                      name,
                      ModelTypes.classify(name, List.of()),
                      Bytes.UNKNOWN,
                      context,
                      resident(context),
                      List.of(),
                      Map.of());
                }));
  }

  /// llama-server's models.
  ///
  /// @param props the answer to `GET /props`
  /// @param embeds whether it was started to answer `/v1/embeddings`
  static List<ModelFacts> llamaServer(JsonNode answer, JsonNode props, Embeds embeds) {
    return ModelList.of(
        answer.path("data"),
        entry -> EngineJson.model(entry, "id").map(name -> llama(name, entry, props, embeds)));
  }

  private static ModelFacts llama(ModelName name, JsonNode entry, JsonNode props, Embeds embeds) {
    JsonNode meta = entry.path("meta");
    int slotContext = count(props.path("default_generation_settings"), "n_ctx");
    int context = count(meta, "n_ctx_train") > 0 ? count(meta, "n_ctx_train") : slotContext;
    List<String> capabilities = llamaCapabilities(name, props, embeds);
    Map<String, String> details = new HashMap<>();
    details.put("format", "gguf");
    keep(details, "parameter_size", parameters(bytes(meta, "n_params")));
    keep(details, "quantization_level", text(meta, "ftype"));
    keep(details, ModelFacts.FINGERPRINT, LlamaFingerprint.of(entry, props));
    return facts(
        name,
        ModelTypes.classify(name, capabilities),
        bytes(meta, "size"),
        context,
        isLoaded(entry) ? resident(slotContext) : ModelFacts.Loaded.NOT,
        capabilities,
        details);
  }

  /// Only the router mode has a status; otherwise the one model is in memory from the start.
  private static boolean isLoaded(JsonNode entry) {
    String status = text(entry.path("status"), "value");
    return status.isEmpty() || status.equals("loaded");
  }

  /// The engine does not say whether its model was made for embeddings only; then the name does.
  private static List<String> llamaCapabilities(ModelName name, JsonNode props, Embeds embeds) {
    if (embeds != Embeds.NO && ModelTypes.classify(name, List.of()) == ModelType.EMBEDDING) {
      return List.of(EMBEDDING);
    }
    var capabilities = new ArrayList<String>();
    capabilities.add(COMPLETION);
    JsonNode template = props.path("chat_template_caps");
    if (!template.isObject() || isSet(template, "supports_tools")) {
      capabilities.add(TOOLS);
    }
    if (isSet(props.path("modalities"), VISION)) {
      capabilities.add(VISION);
    }
    if (isSet(props.path("modalities"), AUDIO)) {
      capabilities.add(AUDIO);
    }
    if (embeds == Embeds.YES) {
      capabilities.add(EMBEDDING);
    }
    return capabilities;
  }

  private static String parameters(Bytes count) {
    if (!count.isKnown() || count.value() == 0) {
      return "";
    }
    double billions = count.value() / 1e9;
    return billions >= 1
        ? String.format(Locale.ROOT, "%.1fB", billions)
        : String.format(Locale.ROOT, "%.1fM", count.value() / 1e6);
  }

  /// LM Studio's own list, newer (`GET /api/v1/models`) or older (`GET /api/v0/models`); empty when
  /// the answer is neither.
  static Optional<List<ModelFacts>> lmStudio(JsonNode answer) {
    JsonNode newer = answer.path("models");
    if (newer.isArray() && (newer.isEmpty() || newer.path(0).path("key").isString())) {
      return Optional.of(
          ModelList.of(
              newer,
              entry -> EngineJson.model(entry, "key").map(name -> lmStudioNewer(name, entry))));
    }
    JsonNode older = answer.path("data");
    if (older.isArray() && (older.isEmpty() || older.path(0).path("state").isString())) {
      return Optional.of(
          ModelList.of(
              older,
              entry -> EngineJson.model(entry, "id").map(name -> lmStudioOlder(name, entry))));
    }
    return Optional.empty();
  }

  private static ModelFacts lmStudioNewer(ModelName name, JsonNode entry) {
    JsonNode instance = entry.path("loaded_instances").path(0);
    List<String> capabilities =
        lmStudioCapabilities(
            text(entry, "type").startsWith(EMBEDDING), isSet(entry.path("capabilities"), VISION));
    Map<String, String> details = new HashMap<>();
    keep(details, "family", text(entry, "architecture"));
    keep(details, "parameter_size", text(entry, "params_string"));
    keep(details, "quantization_level", text(entry.path("quantization"), "name"));
    keep(details, "format", text(entry, "format"));
    return facts(
        name,
        ModelTypes.classify(name, capabilities),
        bytes(entry, "size_bytes"),
        count(entry, "max_context_length"),
        instance.isObject()
            ? resident(count(instance.path("config"), "context_length"))
            : ModelFacts.Loaded.NOT,
        capabilities,
        details);
  }

  private static ModelFacts lmStudioOlder(ModelName name, JsonNode entry) {
    String type = text(entry, "type");
    List<String> capabilities =
        lmStudioCapabilities(type.startsWith(EMBEDDING), type.equals("vlm"));
    Map<String, String> details = new HashMap<>();
    keep(details, "family", text(entry, "arch"));
    keep(details, "quantization_level", text(entry, "quantization"));
    keep(details, "format", text(entry, "compatibility_type"));
    return facts(
        name,
        ModelTypes.classify(name, capabilities),
        Bytes.UNKNOWN,
        count(entry, "max_context_length"),
        text(entry, "state").equals("loaded")
            ? resident(count(entry, "loaded_context_length"))
            : ModelFacts.Loaded.NOT,
        capabilities,
        details);
  }

  /// Every language model can be given tools there: those not trained for it get a prompt instead.
  private static List<String> lmStudioCapabilities(boolean embeds, boolean sees) {
    if (embeds) {
      return List.of(EMBEDDING);
    }
    return sees ? List.of(COMPLETION, TOOLS, VISION) : List.of(COMPLETION, TOOLS);
  }

  private static ModelFacts.Loaded resident(int contextTokens) {
    return new ModelFacts.Loaded(true, Bytes.UNKNOWN, Bytes.UNKNOWN, contextTokens, "");
  }

  private static ModelFacts facts(
      ModelName name,
      ModelType type,
      Bytes size,
      int contextTokens,
      ModelFacts.Loaded loaded,
      List<String> capabilities,
      Map<String, String> details) {
    return new ModelFacts(name, type, size, "", contextTokens, loaded, capabilities, details, "");
  }
}
