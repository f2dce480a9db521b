package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Reads the bodies of Ollama's requests. Wrong types and missing fields are refused with
/// `INVALID_REQUEST`; unknown fields are kept for backends of the same dialect. A request without a
/// prompt or messages loads or unloads the model.
public final class OllamaRequests {
  private static final int MAX_TOP_LOGPROBS = 20;
  private static final Set<String> THINK_LEVELS = Set.of("low", "medium", "high", "max");

  /// Longer texts, in characters, are no duration; matching them would take long.
  private static final int MAX_DURATION_CHARS = 64;

  private static final Pattern ZERO_DURATION =
      Pattern.compile("[+-]?(0+|(0*\\.?0+(ns|us|µs|μs|ms|s|m|h))+)");

  private OllamaRequests() {}

  /// `POST /api/chat`.
  public static ClientRequest chat(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = fields.text("model").orElse("");
    if (model.isEmpty()) {
      throw MeshException.invalid("model is required");
    }
    RequestModel.checked(model);
    boolean stream = fields.flag("stream", true);
    Optional<JsonNode> keepAlive = keepAlive(fields);
    List<Message> messages = OllamaMessages.read(fields.array("messages"));
    var sketch = new AnswerSketch(Endpoint.OLLAMA_CHAT, model, false, false);
    if (messages.isEmpty()) {
      return residency(model, true, keepAlive, fields, sketch);
    }
    List<JsonNode> tools = tools(fields);
    Sampling sampling = OllamaOptions.read(fields.any("options"), logprobs(fields));
    Optional<JsonNode> format = format(fields);
    Optional<JsonNode> think = think(fields);
    var needs = needs(think, OpenAiRequests.hasImages(messages));
    if (!tools.isEmpty()) {
      needs.add("tools");
    }
    var work =
        new Work.Chat(
            model,
            Dialect.OLLAMA,
            messages,
            tools,
            Optional.empty(),
            sampling,
            format,
            think,
            keepAlive,
            fields.rest(),
            needs);
    return new ClientRequest(work, stream, sketch);
  }

  /// `POST /api/generate`.
  public static ClientRequest generate(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = modelOr404(fields);
    boolean stream = fields.flag("stream", true);
    Optional<JsonNode> keepAlive = keepAlive(fields);
    String prompt = fields.text("prompt").orElse("");
    var sketch = new AnswerSketch(Endpoint.OLLAMA_GENERATE, model, false, false);
    if (prompt.isEmpty()) {
      return residency(model, false, keepAlive, fields, sketch);
    }
    boolean raw = fields.flag("raw", false);
    Optional<String> system = fields.text("system").filter(text -> !text.isEmpty());
    if (raw && (system.isPresent() || templated(fields))) {
      throw MeshException.invalid("raw mode does not support template, system, or context");
    }
    List<String> images = OllamaMessages.images(fields);
    Optional<JsonNode> think = think(fields);
    var work =
        new Work.Completion(
            model,
            Dialect.OLLAMA,
            prompt,
            fields.text("suffix").filter(text -> !text.isEmpty()),
            system,
            images,
            raw,
            OllamaOptions.read(fields.any("options"), logprobs(fields)),
            format(fields),
            think,
            keepAlive,
            fields.rest(),
            needs(think, !images.isEmpty()));
    return new ClientRequest(work, stream, sketch);
  }

  /// `POST /api/embed`.
  public static ClientRequest embed(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = modelOr404(fields);
    var work =
        new Work.Embedding(
            model,
            Dialect.OLLAMA,
            fields.texts("input"),
            fields.integer("dimensions", 1, Integer.MAX_VALUE),
            fields.flag("truncate"),
            keepAlive(fields),
            fields.rest(),
            Set.of("embedding"));
    return new ClientRequest(
        work, false, new AnswerSketch(Endpoint.OLLAMA_EMBED, model, false, false));
  }

  /// `POST /api/embeddings`, the older one: one prompt, one vector.
  public static ClientRequest embeddings(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = modelOr404(fields);
    var work =
        new Work.Embedding(
            model,
            Dialect.OLLAMA,
            fields.text("prompt").filter(text -> !text.isEmpty()).map(List::of).orElse(List.of()),
            OptionalInt.empty(),
            Optional.empty(),
            keepAlive(fields),
            fields.rest(),
            Set.of("embedding"));
    return new ClientRequest(
        work, false, new AnswerSketch(Endpoint.OLLAMA_EMBEDDINGS, model, false, false));
  }

  private static ClientRequest residency(
      String model,
      boolean chat,
      Optional<JsonNode> keepAlive,
      Fields fields,
      AnswerSketch sketch) {
    Sampling sampling = OllamaOptions.read(fields.any("options"), OptionalInt.empty());
    boolean unload = keepAlive.filter(OllamaRequests::isZero).isPresent();
    // One object and no stream, whatever the client asked: as Ollama does.
    return new ClientRequest(
        new Work.Residency(model, Dialect.OLLAMA, unload, chat, keepAlive, sampling.options()),
        false,
        sketch);
  }

  private static String modelOr404(Fields fields) {
    String model = fields.text("model").or(() -> fields.text("name")).orElse("");
    if (model.isEmpty()) {
      throw new MeshException(RequestModel.notFound(model));
    }
    return RequestModel.checked(model);
  }

  private static Optional<JsonNode> keepAlive(Fields fields) {
    Optional<JsonNode> keepAlive = fields.any("keep_alive");
    keepAlive
        .filter(found -> !found.isNumber() && !found.isString())
        .ifPresent(found -> {
          throw Fields.wrong("keep_alive", found, "seconds or a duration such as \"5m\"");
        });
    return keepAlive;
  }

  private static boolean isZero(JsonNode keepAlive) {
    return keepAlive.isNumber()
        ? Fields.toDouble(keepAlive) == 0
        : keepAlive.stringValue().length() <= MAX_DURATION_CHARS
            && ZERO_DURATION.matcher(keepAlive.stringValue()).matches();
  }

  private static boolean templated(Fields fields) {
    return fields.text("template").filter(text -> !text.isEmpty()).isPresent()
        || !fields.array("context").isEmpty();
  }

  private static OptionalInt logprobs(Fields fields) {
    boolean wanted = fields.flag("logprobs", false);
    int top = fields.integer("top_logprobs", 0, MAX_TOP_LOGPROBS).orElse(0);
    return wanted || top > 0 ? OptionalInt.of(top) : OptionalInt.empty();
  }

  private static Optional<JsonNode> format(Fields fields) {
    Optional<JsonNode> format =
        fields.any("format").filter(found -> !found.isString() || !found.stringValue().isEmpty());
    format
        .filter(found -> !found.isObject())
        .filter(found -> !found.isString() || !found.stringValue().equals("json"))
        .ifPresent(found -> {
          throw Fields.wrong("format", found, "\"json\" or a JSON schema");
        });
    return format;
  }

  private static Optional<JsonNode> think(Fields fields) {
    Optional<JsonNode> think = fields.any("think");
    think
        .filter(found -> !found.isBoolean())
        .filter(found -> !found.isString() || !THINK_LEVELS.contains(found.stringValue()))
        .ifPresent(found -> {
          throw Fields.wrong("think", found, "a boolean, low, medium, high or max");
        });
    return think;
  }

  private static List<JsonNode> tools(Fields fields) {
    List<JsonNode> tools = fields.array("tools");
    var checked = new ArrayList<JsonNode>(tools.size());
    for (JsonNode tool : tools) {
      OpenAiRequests.checkTool(tool, "tools[" + checked.size() + "]");
      checked.add(tool);
    }
    return checked;
  }

  private static Set<String> needs(Optional<JsonNode> think, boolean images) {
    var needs = new LinkedHashSet<String>();
    if (images) {
      needs.add("vision");
    }
    if (think.filter(found -> found.isString() || found.booleanValue()).isPresent()) {
      needs.add("thinking");
    }
    return needs;
  }
}
