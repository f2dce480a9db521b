package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/// Reads the bodies of Anthropic's requests. Wrong types and missing fields are refused with
/// `INVALID_REQUEST`; kinds of content and tools that nobody here has are refused by name with
/// `UNSUPPORTED`; unknown fields are kept for backends of the same dialect.
///
/// Source: Anthropic's reference, "Messages" and "Count tokens in a Message".
public final class AnthropicRequests {
  /// The longest `metadata.user_id` that ties a conversation together, in characters; a longer one
  /// ties nothing.
  static final int MAX_AFFINITY_CHARS = 256;

  /// The longest name of a kind of tool or content that a message repeats, in characters.
  private static final int MAX_SHOWN_CHARS = 64;

  private AnthropicRequests() {}

  /// `POST /v1/messages`.
  public static ClientRequest messages(byte[] body) {
    Fields fields = Fields.ofBody(body);
    int maxTokens =
        (int)
            Fields.integer(
                fields.required("max_tokens", "a whole number of at least 1"),
                "max_tokens",
                1,
                Integer.MAX_VALUE);
    boolean stream = fields.flag("stream", false);
    Work.Chat chat = chat(fields, OptionalInt.of(maxTokens));
    return new ClientRequest(
        chat, stream, sketch(Endpoint.ANTHROPIC_MESSAGES, chat), affinity(chat));
  }

  /// `POST /v1/messages/count_tokens`.
  public static ClientRequest countTokens(byte[] body) {
    Work.Chat chat = chat(Fields.ofBody(body), OptionalInt.empty());
    return new ClientRequest(
        new Work.TokenCount(chat),
        false,
        sketch(Endpoint.ANTHROPIC_COUNT_TOKENS, chat),
        affinity(chat));
  }

  private static AnswerSketch sketch(Endpoint endpoint, Work.Chat chat) {
    return new AnswerSketch(endpoint, chat.model(), true, false);
  }

  private static String affinity(Work.Chat chat) {
    JsonNode user = chat.extra().getOrDefault("metadata", Json.object()).path("user_id");
    return Optional.of(user)
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .filter(id -> id.length() <= MAX_AFFINITY_CHARS)
        .orElse("");
  }

  private static Work.Chat chat(Fields fields, OptionalInt maxTokens) {
    String model = fields.text("model").orElse("");
    if (model.isEmpty()) {
      throw MeshException.invalid("model: missing (expected: the name of a model)");
    }
    RequestModel.checked(model);
    if (!fields.array("mcp_servers").isEmpty()) {
      throw Fields.unsupported("mcp_servers: not offered (expected: none)");
    }
    List<Message> messages = new ArrayList<>();
    fields.any("system").map(AnthropicMessages::system).ifPresent(messages::addAll);
    messages.addAll(
        AnthropicMessages.read(
            Fields.array(fields.required("messages", "an array"), fields.at("messages"))));
    List<JsonNode> tools = tools(fields.array("tools"));
    Optional<JsonNode> choice = fields.any("tool_choice");
    Optional<JsonNode> thinking = fields.any("thinking");
    Optional<JsonNode> think = thinking.flatMap(AnthropicRequests::think);
    Optional<JsonNode> outputConfig = fields.any("output_config");
    Optional<JsonNode> format = format(fields, outputConfig);
    Sampling sampling = sampling(fields, maxTokens);
    Map<String, JsonNode> extra = new HashMap<>(fields.rest());
    // Our own words have no place for a budget of thoughts, for calls one at a time and for an
    // effort, but a backend of this dialect can be told them.
    thinking.ifPresent(found -> extra.put("thinking", found));
    choice.ifPresent(found -> extra.put("tool_choice", found));
    outputConfig.ifPresent(found -> extra.put("output_config", found));
    return new Work.Chat(
        model,
        Dialect.ANTHROPIC,
        messages,
        tools,
        choice.map(AnthropicRequests::toolChoice),
        sampling,
        format,
        think,
        Optional.empty(),
        extra,
        needs(messages, tools));
  }

  private static Sampling sampling(Fields fields, OptionalInt maxTokens) {
    return new Sampling(
        maxTokens,
        fields.number("temperature"),
        fields.number("top_p"),
        fields.integer("top_k", 0, Integer.MAX_VALUE),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        fields.texts("stop_sequences"),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        Map.of());
  }

  /// Function tools in our own shape. Tools that Anthropic's servers run are nobody's here.
  private static List<JsonNode> tools(List<JsonNode> nodes) {
    var tools = new ArrayList<JsonNode>(nodes.size());
    for (JsonNode node : nodes) {
      String at = "tools[" + tools.size() + "]";
      Fields fields = Fields.of(node, at);
      String type = fields.text("type").orElse("custom");
      if (!type.equals("custom")) {
        throw Fields.unsupported(
            fields.at("type") + ": " + shown(type) + " (expected: custom, a tool of the client's)");
      }
      ObjectNode tool = Json.object().put("type", "function");
      ObjectNode function = tool.putObject("function").put("name", fields.requiredText("name"));
      fields.text("description").ifPresent(text -> function.put("description", text));
      JsonNode schema = fields.required("input_schema", "a JSON schema");
      if (!schema.isObject()) {
        throw Fields.wrong(fields.at("input_schema"), schema, "a JSON schema");
      }
      function.set("parameters", schema);
      fields.flag("strict").ifPresent(strict -> function.put("strict", strict));
      tools.add(tool);
    }
    return tools;
  }

  private static JsonNode toolChoice(JsonNode choice) {
    Fields fields = Fields.of(choice, "tool_choice");
    fields.flag("disable_parallel_tool_use");
    return switch (fields.requiredText("type")) {
      case "auto" -> StringNode.valueOf("auto");
      case "any" -> StringNode.valueOf("required");
      case "none" -> StringNode.valueOf("none");
      case "tool" -> {
        ObjectNode named = Json.object().put("type", "function");
        named.putObject("function").put("name", fields.requiredText("name"));
        yield named;
      }
      default ->
          throw MeshException.invalid(
              "tool_choice.type: unknown (expected: auto, any, tool or none)");
    };
  }

  /// A wish and never a need: clients send it whatever the model can do.
  private static Optional<JsonNode> think(JsonNode thinking) {
    return switch (Fields.of(thinking, "thinking").requiredText("type")) {
      case "disabled" -> Optional.of(BooleanNode.FALSE);
      default -> Optional.of(BooleanNode.TRUE); // `enabled`, `adaptive`, and what comes after them
    };
  }

  /// `output_config.format`, or `output_format` as it was called before.
  private static Optional<JsonNode> format(Fields fields, Optional<JsonNode> outputConfig) {
    Optional<JsonNode> newer =
        outputConfig.flatMap(config -> Fields.of(config, "output_config").any("format"));
    return newer
        .map(format -> schema(format, "output_config.format"))
        .or(() -> fields.any("output_format").map(format -> schema(format, "output_format")));
  }

  private static JsonNode schema(JsonNode format, String at) {
    Fields fields = Fields.of(format, at);
    if (!fields.requiredText("type").equals("json_schema")) {
      throw MeshException.invalid(fields.at("type") + ": unknown (expected: json_schema)");
    }
    JsonNode schema = fields.required("schema", "an object");
    if (!schema.isObject()) {
      throw Fields.wrong(fields.at("schema"), schema, "an object");
    }
    return schema;
  }

  private static Set<String> needs(List<Message> messages, List<JsonNode> tools) {
    var needs = new LinkedHashSet<String>();
    if (!tools.isEmpty()) {
      needs.add("tools");
    }
    if (OpenAiRequests.hasImages(messages)) {
      needs.add("vision");
    }
    return needs;
  }

  /// The name of a kind, as far as it can be nothing but one.
  static String shown(String kind) {
    boolean name =
        kind.length() <= MAX_SHOWN_CHARS
            && kind.chars()
                .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
    return name ? kind : "another kind";
  }
}
