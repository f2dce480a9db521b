package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.core.Outbound;
import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the messages of an OpenAI chat.
final class OpenAiMessages {
  private static final String CONTENT = "a string or an array of parts";

  private OpenAiMessages() {}

  static List<Message> read(List<JsonNode> nodes) {
    if (nodes.isEmpty()) {
      throw MeshException.invalid("messages: empty (expected: at least one message)");
    }
    var messages = new ArrayList<Message>(nodes.size());
    for (JsonNode node : nodes) {
      messages.add(message(Fields.of(node, "messages[" + messages.size() + "]")));
    }
    return messages;
  }

  private static Message message(Fields fields) {
    Role role = role(fields);
    // An assistant that refused has said that instead.
    Optional<JsonNode> content = fields.any("content").or(() -> fields.any("refusal"));
    if (content.isEmpty() && role != Role.ASSISTANT && role != Role.TOOL) {
      throw fields.missing("content", CONTENT);
    }
    List<Part> parts = content.map(node -> parts(node, fields.at("content"))).orElse(List.of());
    Optional<String> reasoning =
        fields.text("reasoning_content").or(() -> fields.text("reasoning"));
    List<Message.ToolCall> calls = role == Role.ASSISTANT ? toolCalls(fields, false) : List.of();
    Optional<String> callId = fields.text("tool_call_id");
    if (role == Role.TOOL && callId.isEmpty()) {
      throw fields.missing("tool_call_id", "the id of the call that is answered");
    }
    return new Message(role, parts, reasoning, calls, callId, fields.text("name"));
  }

  static Role role(Fields fields) {
    return switch (fields.requiredText("role").toLowerCase(Locale.ROOT)) {
      case "system" -> Role.SYSTEM;
      case "developer" -> Role.DEVELOPER;
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      case "tool" -> Role.TOOL;
      default ->
          throw MeshException.invalid(
              fields.at("role")
                  + ": unknown (expected: system, developer, user, assistant or tool)");
    };
  }

  private static List<Part> parts(JsonNode content, String at) {
    if (content.isString()) {
      return List.of(new Part.Text(content.stringValue()));
    }
    if (!content.isArray()) {
      throw Fields.wrong(at, content, CONTENT);
    }
    var parts = new ArrayList<Part>(content.size());
    for (JsonNode node : content) {
      parts.add(part(Fields.of(node, at + "[" + parts.size() + "]")));
    }
    return parts;
  }

  private static Part part(Fields fields) {
    String type = fields.requiredText("type");
    return switch (type) {
      case "text" -> new Part.Text(fields.requiredText("text"));
      case "refusal" -> new Part.Text(fields.requiredText("refusal"));
      case "image_url" -> image(fields);
      case "input_audio", "file", "video_url", "audio_url" ->
          throw Fields.unsupported(
              fields.at("type") + ": " + type + " (expected: text or image_url)");
      default ->
          throw MeshException.invalid(
              fields.at("type") + ": unknown (expected: text or image_url)");
    };
  }

  private static Part image(Fields fields) {
    JsonNode given = fields.required("image_url", "an object with a url");
    String at = fields.at("image_url");
    String url = given.isString() ? given.stringValue() : Fields.of(given, at).requiredText("url");
    return image(url, at);
  }

  /// A picture by address, or in the address itself.
  static Part image(String url, String at) {
    if (url.regionMatches(true, 0, "data:", 0, 5)) {
      return dataUrl(url, at);
    }
    if (url.regionMatches(true, 0, "http://", 0, 7)
        || url.regionMatches(true, 0, "https://", 0, 8)) {
      refuseWhatLeadsHome(url, at);
      return new Part.ImageUrl(url);
    }
    throw MeshException.invalid(at + ": another scheme (expected: data:, http: or https:)");
  }

  /// An engine that fetches pictures does so from within the owner's network: a client must not
  /// send it to the machines there. A name is judged by how it is written; what it stands for is
  /// the engine's to look up.
  private static void refuseWhatLeadsHome(String url, String at) {
    URI address;
    try {
      address = new URI(url);
    } catch (URISyntaxException _) {
      throw MeshException.invalid(at + ": malformed (expected: an address as RFC 3986 has it)");
    }
    String host = address.getHost();
    if (host == null || address.getRawUserInfo() != null) {
      throw MeshException.invalid(at + ": no host, or user info (expected: https://HOST/…)");
    }
    Outbound.WORLD
        .objectionTo(host)
        .ifPresent(why -> {
          throw MeshException.invalid(at + ": " + why + " (expected: a public address, or data:)");
        });
  }

  /// `data:image/png;base64,…`; parameters between the type and `base64` are dropped.
  static Part.Image dataUrl(String url, String at) {
    int comma = url.indexOf(',');
    String head = comma < 0 ? "" : url.substring(5, comma);
    if (!head.toLowerCase(Locale.ROOT).endsWith(";base64")) {
      throw MeshException.invalid(at + ": malformed (expected: data:TYPE;base64,…)");
    }
    int typeEnd = head.indexOf(';');
    return new Part.Image(head.substring(0, typeEnd), url.substring(comma + 1));
  }

  /// The calls of an assistant's message, arguments as text (OpenAI) or as an object (Ollama): both
  /// are taken from either.
  ///
  /// @param idsOptional whether a missing id is normal, as in Ollama
  static List<Message.ToolCall> toolCalls(Fields fields, boolean idsOptional) {
    List<JsonNode> nodes = fields.array("tool_calls");
    var calls = new ArrayList<Message.ToolCall>(nodes.size());
    for (JsonNode node : nodes) {
      String at = fields.at("tool_calls") + "[" + calls.size() + "]";
      Fields call = Fields.of(node, at);
      Optional<String> id = call.text("id");
      if (id.isEmpty() && !idsOptional) {
        throw call.missing("id", "a string");
      }
      Fields function = Fields.of(call.required("function", "an object"), at + ".function");
      calls.add(
          new Message.ToolCall(id.orElse(""), function.requiredText("name"), arguments(function)));
    }
    return calls;
  }

  private static String arguments(Fields function) {
    Optional<JsonNode> arguments = function.any("arguments");
    if (arguments.isEmpty()) {
      return "{}";
    }
    JsonNode given = arguments.get();
    if (given.isObject()) {
      return Json.text(given);
    }
    if (!given.isString()) {
      throw Fields.wrong(function.at("arguments"), given, "a JSON object as a string");
    }
    return given.stringValue().isBlank() ? "{}" : given.stringValue();
  }
}
