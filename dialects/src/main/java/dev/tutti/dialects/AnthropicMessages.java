package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the messages of an Anthropic request. One message of this dialect may hold the results of
/// several tools and words beside them: it becomes several of ours, the results first, as the
/// dialect itself demands. What a user says in several messages is one turn; texts that follow each
/// other are separate paragraphs.
final class AnthropicMessages {
  private static final String CONTENT = "a string or an array of blocks";
  private static final String SEPARATOR = "\n\n";

  /// What marks a failed tool's result where only its words can say it.
  private static final String FAILED = "Error: ";

  private final List<Message> messages = new ArrayList<>();

  /// What the user has said since anybody else spoke.
  private final List<Part> userParts = new ArrayList<>();

  private AnthropicMessages() {}

  static List<Message> read(List<JsonNode> nodes) {
    var reading = new AnthropicMessages();
    for (int i = 0; i < nodes.size(); i++) {
      Fields fields = Fields.of(nodes.get(i), "messages[" + i + "]");
      JsonNode content = fields.required("content", CONTENT);
      String at = fields.at("content");
      String role = fields.requiredText("role");
      List<JsonNode> blocks = blocks(content, at);
      switch (role) {
        case "user" -> reading.user(blocks, at);
        case "assistant" -> reading.assistant(blocks, at);
        case "system" -> reading.add(said(Role.SYSTEM, words(blocks, at)));
        default ->
            throw MeshException.invalid(
                fields.at("role") + ": unknown (expected: user, assistant or system)");
      }
    }
    reading.endUserTurn();
    if (reading.messages.isEmpty()) {
      throw MeshException.invalid("messages: empty (expected: at least one message)");
    }
    return reading.messages;
  }

  /// A message that says nothing is none.
  private void add(Message message) {
    endUserTurn();
    if (!message.parts().isEmpty()
        || !message.toolCalls().isEmpty()
        || message.reasoning().isPresent()) {
      messages.add(message);
    }
  }

  private void endUserTurn() {
    if (!userParts.isEmpty()) {
      messages.add(said(Role.USER, userParts));
      userParts.clear();
    }
  }

  /// The `system` beside the messages; nothing for an empty one.
  static List<Message> system(JsonNode system) {
    Message message = said(Role.SYSTEM, words(blocks(system, "system"), "system"));
    return message.parts().isEmpty() ? List.of() : List.of(message);
  }

  /// A text is a list of one text block.
  private static List<JsonNode> blocks(JsonNode content, String at) {
    if (content.isString()) {
      return List.of(Json.object().put("type", "text").put("text", content.stringValue()));
    }
    if (!content.isArray()) {
      throw Fields.wrong(at, content, CONTENT);
    }
    return List.copyOf(content.values());
  }

  private static List<Part> words(List<JsonNode> blocks, String at) {
    var parts = new ArrayList<Part>();
    for (int i = 0; i < blocks.size(); i++) {
      Fields fields = Fields.of(blocks.get(i), at + "[" + i + "]");
      String type = fields.requiredText("type");
      if (!type.equals("text")) {
        throw unknown(fields, type, "text");
      }
      parts.add(new Part.Text(fields.requiredText("text")));
    }
    return parts;
  }

  private void user(List<JsonNode> blocks, String at) {
    var parts = new ArrayList<Part>();
    for (int i = 0; i < blocks.size(); i++) {
      Fields fields = Fields.of(blocks.get(i), at + "[" + i + "]");
      String type = fields.requiredText("type");
      switch (type) {
        case "text" -> parts.add(new Part.Text(fields.requiredText("text")));
        case "image" -> parts.add(image(fields));
        case "tool_result" -> {
          endUserTurn();
          messages.add(toolResult(fields));
        }
        default -> throw unknown(fields, type, "text, image or tool_result");
      }
    }
    userParts.addAll(parts);
  }

  private static Message toolResult(Fields result) {
    String id = result.requiredText("tool_use_id");
    var parts = new ArrayList<Part>();
    Optional<JsonNode> content = result.any("content");
    if (content.isPresent()) {
      List<JsonNode> blocks = blocks(content.get(), result.at("content"));
      for (int i = 0; i < blocks.size(); i++) {
        Fields fields = Fields.of(blocks.get(i), result.at("content") + "[" + i + "]");
        String type = fields.requiredText("type");
        switch (type) {
          case "text" -> parts.add(new Part.Text(fields.requiredText("text")));
          case "image" -> parts.add(image(fields));
          default -> throw unknown(fields, type, "text or image");
        }
      }
    }
    if (result.flag("is_error", false)) {
      failed(parts);
    }
    return new Message(
        Role.TOOL,
        paragraphs(parts),
        Optional.empty(),
        List.of(),
        Optional.of(id),
        Optional.empty());
  }

  /// Only this dialect has a mark for it; the others have the result's own words, which mostly say
  /// it already.
  private static void failed(List<Part> parts) {
    if (!parts.isEmpty() && parts.getFirst() instanceof Part.Text(var text)) {
      if (!text.toLowerCase(Locale.ROOT).contains("error")) {
        parts.set(0, new Part.Text(FAILED + text));
      }
    } else {
      parts.addFirst(new Part.Text(FAILED + "the tool failed"));
    }
  }

  private void assistant(List<JsonNode> blocks, String at) {
    var parts = new ArrayList<Part>();
    var reasoning = new StringBuilder();
    var calls = new ArrayList<Message.ToolCall>();
    String seal = "";
    boolean thought = false;
    for (int i = 0; i < blocks.size(); i++) {
      Fields fields = Fields.of(blocks.get(i), at + "[" + i + "]");
      String type = fields.requiredText("type");
      switch (type) {
        case "text" -> parts.add(new Part.Text(fields.requiredText("text")));
        case "tool_use" -> calls.add(toolUse(fields));
        case "thinking" -> {
          reasoning.append(fields.requiredText("thinking"));
          // A seal fits its own block only; of several blocks none fits the whole.
          seal = thought ? "" : fields.text("signature").orElse("");
          thought = true;
        }
        default -> throw unknown(fields, type, "text, tool_use or thinking");
      }
    }
    add(
        new Message(
            Role.ASSISTANT,
            paragraphs(parts),
            Optional.of(reasoning.toString()).filter(text -> !text.isEmpty()),
            calls,
            Optional.empty(),
            Optional.empty(),
            thought ? Optional.of(seal) : Optional.empty()));
  }

  private static Message.ToolCall toolUse(Fields fields) {
    String id = fields.requiredText("id");
    String name = fields.requiredText("name");
    JsonNode input = fields.any("input").orElseGet(Json::object);
    if (!input.isObject()) {
      throw Fields.wrong(fields.at("input"), input, "an object");
    }
    return new Message.ToolCall(id, name, Json.text(input));
  }

  private static Part image(Fields block) {
    Fields source = Fields.of(block.required("source", "an object"), block.at("source"));
    String type = source.requiredText("type");
    return switch (type) {
      case "base64" ->
          new Part.Image(source.requiredText("media_type"), source.requiredText("data"));
      case "url" -> OpenAiMessages.image(source.requiredText("url"), source.at("url"));
      default -> throw unknown(source, type, "base64 or url");
    };
  }

  private static Message said(Role role, List<Part> parts) {
    return new Message(
        role, paragraphs(parts), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  /// The same with texts that follow each other put together, since engines' templates put them
  /// together without a gap.
  private static List<Part> paragraphs(List<Part> parts) {
    var all = new ArrayList<Part>();
    var text = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Text(var words) -> {
          if (!words.isEmpty()) {
            text.append(text.isEmpty() ? "" : SEPARATOR).append(words);
          }
        }
        case Part.Image _, Part.ImageUrl _ -> {
          endText(all, text);
          all.add(part);
        }
      }
    }
    endText(all, text);
    return all;
  }

  private static void endText(List<Part> parts, StringBuilder text) {
    if (!text.isEmpty()) {
      parts.add(new Part.Text(text.toString()));
      text.setLength(0);
    }
  }

  private static MeshException unknown(Fields fields, String type, String expected) {
    return Fields.unsupported(
        fields.at("type") + ": " + AnthropicRequests.shown(type) + " (expected: " + expected + ")");
  }
}
