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
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.StringNode;

/// Reads the bodies of OpenAI's requests. Wrong types and missing fields are refused with
/// `INVALID_REQUEST`, what nobody here offers with `UNSUPPORTED`; unknown fields are kept for
/// backends of the same dialect.
public final class OpenAiRequests {
  static final int MAX_TOP_LOGPROBS = 20;

  private OpenAiRequests() {}

  /// `POST /v1/chat/completions`.
  public static ClientRequest chat(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = model(fields);
    boolean stream = fields.flag("stream", false);
    boolean includeUsage = includeUsage(fields);
    onlyOne(fields, "n");
    refuseUnoffered(fields);
    List<Message> messages =
        OpenAiMessages.read(
            Fields.array(fields.required("messages", "an array"), fields.at("messages")));
    List<JsonNode> tools = tools(fields);
    Optional<JsonNode> toolChoice = toolChoice(fields);
    Sampling sampling = sampling(fields, chatLogprobs(fields));
    Optional<JsonNode> responseFormat = fields.any("response_format");
    Optional<JsonNode> format = responseFormat.flatMap(OpenAiRequests::format);
    Optional<JsonNode> think = think(fields);
    Map<String, JsonNode> extra = new HashMap<>(fields.rest());
    if (format.filter(JsonNode::isObject).isPresent()) {
      // The schema's name and strictness have no place in our own words, but an OpenAI backend
      // can be told them.
      extra.put("response_format", responseFormat.orElseThrow());
    }
    var work =
        new Work.Chat(
            model,
            Dialect.OPENAI,
            messages,
            tools,
            toolChoice,
            sampling,
            format,
            think,
            Optional.empty(),
            extra,
            needs(messages, tools));
    // It is passed on too: an engine may know it.
    JsonNode cacheKey = extra.get("prompt_cache_key");
    String affinity = cacheKey != null && cacheKey.isString() ? cacheKey.stringValue() : "";
    return new ClientRequest(
        work, stream, new AnswerSketch(Endpoint.OPENAI_CHAT, model, includeUsage, false), affinity);
  }

  /// What a chat can ask for beyond text, which nobody here has. Ignored, it would change what the
  /// answer means.
  private static void refuseUnoffered(Fields fields) {
    if (fields.any("functions").or(() -> fields.any("function_call")).isPresent()) {
      throw Fields.unsupported("functions: not offered (expected: tools)");
    }
    if (fields.texts("modalities").contains("audio")) {
      throw Fields.unsupported("modalities: audio is not offered (expected: text)");
    }
    fields.any("audio"); // how speech is to sound, of which there is none
    for (String name : new String[] {"web_search_options", "moderation"}) {
      if (fields.any(name).isPresent()) {
        throw Fields.unsupported(name + ": not offered (expected: none)");
      }
    }
  }

  /// `POST /v1/completions`: a text that is continued as it stands, without a template.
  public static ClientRequest completions(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = model(fields);
    boolean stream = fields.flag("stream", false);
    boolean includeUsage = includeUsage(fields);
    onlyOne(fields, "n");
    onlyOne(fields, "best_of");
    if (fields.flag("echo", false)) {
      throw Fields.unsupported("echo: true (expected: false)");
    }
    String prompt = prompt(fields);
    Optional<String> suffix = fields.text("suffix").filter(text -> !text.isEmpty());
    Sampling sampling = sampling(fields, fields.integer("logprobs", 0, MAX_TOP_LOGPROBS));
    Optional<JsonNode> format = fields.any("response_format").flatMap(OpenAiRequests::format);
    var work =
        new Work.Completion(
            model,
            Dialect.OPENAI,
            prompt,
            suffix,
            Optional.empty(),
            List.of(),
            suffix.isEmpty(),
            sampling,
            format,
            Optional.empty(),
            Optional.empty(),
            fields.rest(),
            Set.of());
    return new ClientRequest(
        work, stream, new AnswerSketch(Endpoint.OPENAI_COMPLETIONS, model, includeUsage, false));
  }

  /// `POST /v1/embeddings`.
  public static ClientRequest embeddings(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = model(fields);
    JsonNode input = fields.required("input", "a string or an array of strings");
    if (input.isArray() && !input.isEmpty() && !input.get(0).isString()) {
      throw tokens("input", input.get(0));
    }
    List<String> inputs = fields.texts("input");
    if (inputs.isEmpty()) {
      throw MeshException.invalid("input: empty (expected: at least one string)");
    }
    String encoding = fields.text("encoding_format").orElse("float");
    if (!encoding.equals("float") && !encoding.equals("base64")) {
      throw MeshException.invalid("encoding_format: unknown (expected: float or base64)");
    }
    var work =
        new Work.Embedding(
            model,
            Dialect.OPENAI,
            inputs,
            fields.integer("dimensions", 1, Integer.MAX_VALUE),
            Optional.empty(),
            Optional.empty(),
            fields.rest(),
            Set.of("embedding"));
    return new ClientRequest(
        work,
        false,
        new AnswerSketch(Endpoint.OPENAI_EMBEDDINGS, model, false, encoding.equals("base64")));
  }

  static String model(Fields fields) {
    String model = fields.text("model").orElse("");
    if (model.isEmpty()) {
      throw MeshException.invalid("model: missing (expected: the name of a model)");
    }
    return RequestModel.checked(model);
  }

  private static boolean includeUsage(Fields fields) {
    return fields
        .object("stream_options")
        .map(options -> options.flag("include_usage", false))
        .orElse(false);
  }

  private static void onlyOne(Fields fields, String name) {
    OptionalInt asked = fields.integer(name, 1, Integer.MAX_VALUE);
    if (asked.isPresent() && asked.getAsInt() > 1) {
      throw Fields.unsupported(
          name + ": " + asked.getAsInt() + " (expected: 1, several answers are not offered)");
    }
  }

  private static String prompt(Fields fields) {
    JsonNode prompt = fields.required("prompt", "a string");
    if (!prompt.isArray()) {
      return Fields.text(prompt, "prompt");
    }
    if (!prompt.isEmpty() && !prompt.get(0).isString()) {
      throw tokens("prompt", prompt.get(0));
    }
    List<String> prompts = fields.texts("prompt");
    if (prompts.size() != 1) {
      throw Fields.unsupported(
          "prompt: " + prompts.size() + " texts (expected: 1, one request for each)");
    }
    return prompts.getFirst();
  }

  private static MeshException tokens(String name, JsonNode first) {
    return first.isNumber() || first.isArray()
        ? Fields.unsupported(name + ": tokens (expected: text, token ids are not offered)")
        : Fields.wrong(name + "[0]", first, "a string");
  }

  private static List<JsonNode> tools(Fields fields) {
    List<JsonNode> tools = fields.array("tools");
    var checked = new ArrayList<JsonNode>(tools.size());
    for (JsonNode tool : tools) {
      checkTool(tool, "tools[" + checked.size() + "]");
      checked.add(tool);
    }
    return checked;
  }

  /// That a tool is a function with a name; its parameters are the engine's affair.
  static void checkTool(JsonNode tool, String at) {
    Fields fields = Fields.of(tool, at);
    String type = fields.text("type").orElse("function");
    if (!type.equals("function")) {
      throw Fields.unsupported(at + ".type: another kind of tool (expected: function)");
    }
    Fields.of(fields.required("function", "an object"), at + ".function").requiredText("name");
  }

  private static Optional<JsonNode> toolChoice(Fields fields) {
    Optional<JsonNode> choice = fields.any("tool_choice");
    choice
        .filter(found -> !found.isString() && !found.isObject())
        .ifPresent(found -> {
          throw Fields.wrong("tool_choice", found, "a string or an object");
        });
    return choice;
  }

  private static OptionalInt chatLogprobs(Fields fields) {
    boolean wanted = fields.flag("logprobs", false);
    OptionalInt top = fields.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
    if (top.orElse(0) > 0 && !wanted) {
      throw MeshException.invalid(
          "top_logprobs: " + top.getAsInt() + " (expected: logprobs to be true with it)");
    }
    return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
  }

  private static Sampling sampling(Fields fields, OptionalInt logprobs) {
    OptionalInt older = fields.integer("max_tokens", -1, Integer.MAX_VALUE);
    OptionalInt newer = fields.integer("max_completion_tokens", -1, Integer.MAX_VALUE);
    var repeat = fields.number("repeat_penalty");
    var repetition = fields.number("repetition_penalty");
    return new Sampling(
        newer.isPresent() ? newer : older,
        fields.number("temperature"),
        fields.number("top_p"),
        fields.integer("top_k", Integer.MIN_VALUE, Integer.MAX_VALUE),
        fields.number("min_p"),
        fields.longNumber("seed"),
        fields.texts("stop"),
        fields.number("presence_penalty"),
        fields.number("frequency_penalty"),
        repeat.isPresent() ? repeat : repetition,
        logprobs,
        Map.of());
  }

  private static Optional<JsonNode> format(JsonNode responseFormat) {
    Fields fields = Fields.of(responseFormat, "response_format");
    return switch (fields.requiredText("type")) {
      case "text" -> Optional.empty();
      case "json_object" -> Optional.of(StringNode.valueOf("json"));
      case "json_schema" -> {
        String at = "response_format.json_schema";
        Fields named = Fields.of(fields.required("json_schema", "an object"), at);
        JsonNode schema = named.required("schema", "an object");
        if (!schema.isObject()) {
          throw Fields.wrong(at + ".schema", schema, "an object");
        }
        yield Optional.of(schema);
      }
      default ->
          throw MeshException.invalid(
              "response_format.type: unknown (expected: text, json_object or json_schema)");
    };
  }

  private static Optional<JsonNode> think(Fields fields) {
    Optional<String> effort = fields.text("reasoning_effort");
    if (effort.isEmpty()) {
      effort = fields.object("reasoning").flatMap(reasoning -> reasoning.text("effort"));
    }
    return effort.map(OpenAiRequests::effort);
  }

  /// How hard to reason; `none` is not at all.
  static JsonNode effort(String level) {
    return level.equals("none") ? BooleanNode.FALSE : StringNode.valueOf(level);
  }

  static Set<String> needs(List<Message> messages, List<JsonNode> tools) {
    var needs = new LinkedHashSet<String>();
    if (!tools.isEmpty()) {
      needs.add("tools");
    }
    if (hasImages(messages)) {
      needs.add("vision");
    }
    return needs;
  }

  static boolean hasImages(List<Message> messages) {
    return messages.stream()
        .flatMap(message -> message.parts().stream())
        .anyMatch(part -> !(part instanceof Message.Part.Text));
  }
}
