package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads the bodies of OpenAI's `/v1/responses`. Only clients speak it: to an engine it is a chat.
///
/// Nothing is stored, so whatever refers to something stored is refused with `UNSUPPORTED`.
public final class ResponsesRequests {
  /// Fields that an answer repeats as they came.
  private static final List<String> REPEATED =
      List.of(
          "instructions",
          "max_output_tokens",
          "max_tool_calls",
          "metadata",
          "parallel_tool_calls",
          "prompt_cache_key",
          "reasoning",
          "safety_identifier",
          "temperature",
          "text",
          "tool_choice",
          "top_logprobs",
          "top_p",
          "user");

  /// Fields that change nothing here: whom they would concern is not here, or they ask for what is
  /// done anyway.
  private static final List<String> TOLERATED =
      List.of(
          "client_metadata",
          "prompt_cache_options",
          "prompt_cache_retention",
          "service_tier",
          "store",
          "stream_options",
          "truncation");

  /// Fields that ask for something stored or for more than a model.
  private static final Map<String, String> STATEFUL =
      Map.of(
          "previous_response_id", "nothing is stored (expected: the whole conversation in input)",
          "conversation", "nothing is stored (expected: the whole conversation in input)",
          "prompt", "nothing is stored (expected: instructions and input)",
          "context_management", "the conversation is taken as it is (expected: none)",
          "moderation", "nobody here moderates (expected: none)");

  private ResponsesRequests() {}

  /// `POST /v1/responses`.
  public static ClientRequest create(byte[] body) {
    Fields fields = Fields.ofBody(body);
    boolean stream = fields.flag("stream", false);
    String affinity = fields.text("prompt_cache_key").orElse("");
    Asked asked = asked(fields);
    var sketch =
        new AnswerSketch(
            Endpoint.OPENAI_RESPONSES, asked.chat.model(), true, false, asked.repeated);
    return new ClientRequest(asked.chat, stream, sketch, affinity, asked.leftOut);
  }

  /// `POST /v1/responses/input_tokens`: how many tokens such a request would have.
  public static ClientRequest inputTokens(byte[] body) {
    Asked asked = asked(Fields.ofBody(body));
    var sketch = new AnswerSketch(Endpoint.OPENAI_INPUT_TOKENS, asked.chat.model(), false, false);
    return new ClientRequest(new Work.TokenCount(asked.chat), false, sketch, "", asked.leftOut);
  }

  private record Asked(Work.Chat chat, Map<String, JsonNode> repeated, List<String> leftOut) {}

  private static Asked asked(Fields fields) {
    String model = OpenAiRequests.model(fields);
    refuseState(fields);
    var conversation =
        ResponsesInput.read(
            fields.required("input", "a string or an array of items"), fields.text("instructions"));
    var offered = new ArrayList<>(fields.array("tools"));
    offered.addAll(conversation.tools());
    ResponsesTools tools = ResponsesTools.read(offered, fields.any("tool_choice"));
    Sampling sampling = sampling(fields);
    Optional<Fields> text = fields.object("text");
    Optional<JsonNode> format = text.flatMap(each -> each.any("format"));
    Optional<JsonNode> think =
        fields
            .object("reasoning")
            .flatMap(reasoning -> reasoning.text("effort"))
            .map(OpenAiRequests::effort);
    fields.object("metadata"); // an object, if anything
    Optional<Boolean> parallel = fields.flag("parallel_tool_calls");
    REPEATED.forEach(fields::any);
    TOLERATED.forEach(fields::any);
    var extra = new HashMap<>(fields.rest());
    if (!tools.told().isEmpty()) {
      parallel.ifPresent(flag -> extra.put("parallel_tool_calls", Json.bool(flag)));
    }
    text.flatMap(each -> each.any("verbosity")).ifPresent(v -> extra.put("verbosity", v));
    format.flatMap(ResponsesRequests::named).ifPresent(f -> extra.put("response_format", f));
    var chat =
        new Work.Chat(
            model,
            Dialect.OPENAI,
            conversation.messages(),
            tools.told(),
            tools.told().isEmpty() ? Optional.empty() : tools.choice(),
            sampling,
            format.flatMap(ResponsesRequests::plain),
            think,
            Optional.empty(),
            extra,
            OpenAiRequests.needs(conversation.messages(), tools.told()));
    return new Asked(chat, repeated(fields, tools), tools.leftOut());
  }

  private static void refuseState(Fields fields) {
    STATEFUL.forEach((name, why) -> {
      if (fields.any(name).isPresent()) {
        throw Fields.unsupported(name + ": not offered, " + why);
      }
    });
    if (fields.flag("background", false)) {
      throw Fields.unsupported("background: true, nothing is stored (expected: false)");
    }
  }

  private static Sampling sampling(Fields fields) {
    return new Sampling(
        fields.integer("max_output_tokens", 1, Integer.MAX_VALUE),
        fields.number("temperature"),
        fields.number("top_p"),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        List.of(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        logprobs(fields),
        Map.of());
  }

  private static OptionalInt logprobs(Fields fields) {
    OptionalInt top = fields.integer("top_logprobs", 0, OpenAiRequests.MAX_TOP_LOGPROBS);
    boolean included = fields.texts("include").contains("message.output_text.logprobs");
    return included || top.orElse(0) > 0 ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
  }

  /// Structured output in our own words.
  private static Optional<JsonNode> plain(JsonNode format) {
    Fields fields = Fields.of(format, "text.format");
    return switch (fields.requiredText("type")) {
      case "text" -> Optional.empty();
      case "json_object" -> Optional.of(StringNode.valueOf("json"));
      case "json_schema" -> Optional.of(schema(fields));
      default ->
          throw MeshException.invalid(
              "text.format.type: unknown (expected: text, json_object or json_schema)");
    };
  }

  /// A schema with its name and strictness, as an OpenAI backend can be told them.
  private static Optional<JsonNode> named(JsonNode format) {
    Fields fields = Fields.of(format, "text.format");
    if (!fields.requiredText("type").equals("json_schema")) {
      return Optional.empty();
    }
    ObjectNode node = Json.object().put("type", "json_schema");
    ObjectNode named = node.putObject("json_schema");
    named.put("name", fields.text("name").orElse("answer"));
    fields.text("description").ifPresent(text -> named.put("description", text));
    fields.flag("strict").ifPresent(strict -> named.put("strict", strict));
    named.set("schema", schema(fields));
    return Optional.of(node);
  }

  private static JsonNode schema(Fields fields) {
    JsonNode schema = fields.required("schema", "an object");
    if (!schema.isObject()) {
      throw Fields.wrong(fields.at("schema"), schema, "an object");
    }
    return schema;
  }

  private static Map<String, JsonNode> repeated(Fields fields, ResponsesTools tools) {
    var repeated = new HashMap<String, JsonNode>();
    for (String name : REPEATED) {
      fields.any(name).ifPresent(value -> repeated.put(name, value));
    }
    ArrayNode shown = Json.object().putArray("tools");
    repeated.put("tools", shown.addAll(tools.shown()));
    return repeated;
  }
}
