package dev.tutti.dialects;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// Speaks to engines of Anthropic's Messages API. Always streams.
///
/// A seed is a wish that no dialect promises to keep, and Ollama's options about memory and threads
/// have nobody here to hear them: both are left out. Penalties and `min_p` change what is answered,
/// so they are refused unless they change nothing.
public final class AnthropicEngine implements EngineDialect {
  /// The version of the API that is spoken, sent as `anthropic-version`.
  public static final String VERSION = "2023-06-01";

  /// How many tokens an answer may have when the client set no limit, which this dialect demands.
  /// An answer that reaches it says so.
  static final int DEFAULT_MAX_TOKENS = 8_192;

  /// Where tokens are counted.
  static final String COUNT = "/v1/messages/count_tokens";

  /// The least that a model can be told to think, in tokens, and the steps above it.
  private static final int LEAST_THINKING = 1_024;

  private static final int SOME_THINKING = 4_096;
  private static final int MUCH_THINKING = 16_384;

  /// Fields of ours that mean nothing to a count.
  private static final Set<String> COUNTED = Set.of("thinking", "context_management");

  private static final Map<String, String> HEADERS =
      Map.of("content-type", "application/json", "anthropic-version", VERSION);
  private static final byte[] NO_BODY = {};

  /// An engine of this dialect.
  public AnthropicEngine() {}

  @Override
  public Dialect dialect() {
    return Dialect.ANTHROPIC;
  }

  @Override
  public EngineCall call(Work work, String model) {
    return switch (work) {
      case Work.Chat chat -> post("/v1/messages", chat(chat, model));
      case Work.Completion completion -> post("/v1/messages", completion(completion, model));
      case Work.TokenCount(var chat) -> post(COUNT, counted(chat, model));
      case Work.Residency residency -> {
        if (residency.unload()) {
          throw EngineErrors.cannotSay("keep_alive: 0, this backend cannot unload a model");
        }
        yield new EngineCall("GET", "/v1/models", HEADERS, NO_BODY);
      }
      case Work.Continued _ ->
          throw EngineErrors.cannotSay("this backend cannot go on with an answer that was begun");
      case Work.Embedding _ -> throw EngineErrors.cannotSay("this backend makes no embeddings");
      case Work.Rerank _ -> throw EngineErrors.cannotSay("this backend does not rerank");
      case Work.Transcription _ -> throw EngineErrors.cannotSay("this backend does not transcribe");
    };
  }

  @Override
  public AnswerReader reader(Work work) {
    return switch (work) {
      case Work.Chat _, Work.Completion _, Work.Continued _ -> new AnthropicReader();
      case Work.TokenCount _ -> new CountReader();
      case Work.Residency _, Work.Embedding _, Work.Rerank _, Work.Transcription _ ->
          new ModelListReader(work.model(), new Delta.Resident(true));
    };
  }

  private static EngineCall post(String path, ObjectNode body) {
    return new EngineCall("POST", path, HEADERS, Json.bytes(body));
  }

  private static ObjectNode chat(Work.Chat chat, String model) {
    if (chat.from() == Dialect.OPENAI && chat.extra().containsKey("logit_bias")) {
      throw EngineErrors.cannotSay("logit_bias: this backend cannot be told it (expected: none)");
    }
    ObjectNode body = Json.object();
    if (chat.from() == Dialect.ANTHROPIC) {
      new TreeMap<>(chat.extra()).forEach(body::set);
    }
    body.put("model", model).put("stream", true);
    sampling(body, chat.sampling());
    AnthropicMessageBodies.write(body, chat.messages());
    tools(body, chat);
    chat.format().ifPresent(format -> format(body, format));
    chat.think().ifPresent(think -> think(body, think));
    return body;
  }

  /// What a prompt consists of, for `/v1/messages/count_tokens`.
  static ObjectNode counted(Work.Chat chat, String model) {
    ObjectNode body = Json.object().put("model", model);
    if (chat.from() == Dialect.ANTHROPIC) {
      new TreeMap<>(chat.extra())
          .forEach((name, value) -> {
            if (COUNTED.contains(name)) {
              body.set(name, value);
            }
          });
    }
    AnthropicMessageBodies.write(body, chat.messages());
    tools(body, chat);
    return body;
  }

  private static void sampling(ObjectNode body, Sampling sampling) {
    int limit = sampling.maxTokens().orElse(DEFAULT_MAX_TOKENS);
    body.put("max_tokens", limit > 0 ? limit : DEFAULT_MAX_TOKENS);
    sampling.temperature().ifPresent(value -> body.put("temperature", value));
    sampling.topP().ifPresent(value -> body.put("top_p", value));
    sampling.topK().ifPresent(value -> body.put("top_k", value));
    if (!sampling.stop().isEmpty()) {
      ArrayNode stop = body.putArray("stop_sequences");
      sampling.stop().forEach(stop::add);
    }
    if (sampling.logprobs().isPresent()) {
      throw EngineErrors.cannotSay("logprobs: this backend gives none");
    }
    neutral("min_p", sampling.minP(), 0);
    neutral("presence_penalty", sampling.presencePenalty(), 0);
    neutral("frequency_penalty", sampling.frequencyPenalty(), 0);
    neutral("repeat_penalty", sampling.repeatPenalty(), 1);
  }

  private static void neutral(String name, OptionalDouble value, double harmless) {
    if (value.isPresent() && value.getAsDouble() != harmless) {
      throw EngineErrors.cannotSay(name + ": this backend cannot be told it");
    }
  }

  private static void tools(ObjectNode body, Work.Chat chat) {
    body.remove("tool_choice");
    if (chat.tools().isEmpty()) {
      return;
    }
    ArrayNode tools = body.putArray("tools");
    for (JsonNode tool : chat.tools()) {
      JsonNode function = tool.path("function");
      ObjectNode node = tools.addObject();
      node.set("name", function.path("name"));
      for (String field : List.of("description", "strict")) {
        if (function.hasNonNull(field)) {
          node.set(field, function.get(field));
        }
      }
      if (function.path("parameters").isObject()) {
        node.set("input_schema", function.get("parameters"));
      } else {
        node.putObject("input_schema").put("type", "object");
      }
    }
    toolChoice(body, chat);
  }

  private static void toolChoice(ObjectNode body, Work.Chat chat) {
    if (chat.toolChoice().isEmpty() && !chat.oneCallAtATime()) {
      return;
    }
    ObjectNode choice = body.putObject("tool_choice");
    Optional<JsonNode> asked = chat.toolChoice();
    String word = asked.filter(JsonNode::isString).map(JsonNode::stringValue).orElse("");
    JsonNode name =
        asked.map(node -> node.path("function").path("name")).orElse(MissingNode.getInstance());
    if (asked.isEmpty() || word.equals("auto")) {
      choice.put("type", "auto");
    } else if (word.equals("required")) {
      choice.put("type", "any");
    } else if (word.equals("none")) {
      choice.put("type", "none");
      return;
    } else if (name.isString()) {
      choice.put("type", "tool").set("name", name);
    } else {
      throw EngineErrors.cannotSay(
          "tool_choice: unknown to this backend (expected: auto, required, none or a function)");
    }
    if (chat.oneCallAtATime()) {
      choice.put("disable_parallel_tool_use", true);
    }
  }

  private static void format(ObjectNode body, JsonNode format) {
    if (!format.isObject()) {
      throw EngineErrors.cannotSay(
          "format: this backend has no free JSON (expected: a JSON schema)");
    }
    // A copy: what the client gave is not ours to change.
    ObjectNode config =
        body.get("output_config") instanceof ObjectNode given ? given.deepCopy() : Json.object();
    config.putObject("format").put("type", "json_schema").set("schema", format);
    body.set("output_config", config);
  }

  /// Where the client itself spoke this dialect its own words are in the body already.
  private static void think(ObjectNode body, JsonNode think) {
    if (body.has("thinking")) {
      return;
    }
    if (think.isBoolean() && !think.booleanValue()) {
      body.putObject("thinking").put("type", "disabled");
      return;
    }
    int budget =
        switch (think.isString() ? think.stringValue() : "") {
          case "minimal", "low" -> LEAST_THINKING;
          case "high", "xhigh", "max" -> MUCH_THINKING;
          default -> SOME_THINKING;
        };
    // Thoughts count towards the limit, and must leave room for an answer.
    int room = body.path("max_tokens").intValue() / 2;
    if (room < LEAST_THINKING) {
      throw EngineErrors.cannotSay(
          "max_tokens: too few for this backend to think (expected: at least "
              + 2 * LEAST_THINKING
              + " with thinking)");
    }
    body.putObject("thinking").put("type", "enabled").put("budget_tokens", Math.min(budget, room));
  }

  private static ObjectNode completion(Work.Completion completion, String model) {
    if (completion.suffix().isPresent()) {
      throw EngineErrors.cannotSay("suffix: this backend cannot fill a gap");
    }
    if (completion.raw()) {
      throw EngineErrors.cannotSay("prompt: this backend continues no text without a template");
    }
    return chat(OpenAiEngine.asChat(completion), model);
  }
}
