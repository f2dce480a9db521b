package dev.tutti.dialects;

import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the messages and images of Ollama's requests.
final class OllamaMessages {
  private OllamaMessages() {}

  static List<Message> read(List<JsonNode> nodes) {
    var messages = new ArrayList<Message>(nodes.size());
    for (JsonNode node : nodes) {
      messages.add(message(Fields.of(node, "messages[" + messages.size() + "]")));
    }
    return messages;
  }

  private static Message message(Fields fields) {
    Role role = OpenAiMessages.role(fields);
    var parts = new ArrayList<Part>();
    fields
        .text("content")
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> parts.add(new Part.Text(text)));
    for (String image : images(fields)) {
      parts.add(new Part.Image("", image));
    }
    return new Message(
        role,
        parts,
        fields.text("thinking").filter(text -> !text.isEmpty()),
        OpenAiMessages.toolCalls(fields, true),
        fields.text("tool_call_id").filter(text -> !text.isEmpty()),
        fields.text("tool_name").or(() -> fields.text("name")).filter(text -> !text.isEmpty()));
  }

  /// Base64 pictures; the prefix of a data URL, which some clients leave on, is dropped.
  static List<String> images(Fields fields) {
    Optional<JsonNode> given = fields.any("images");
    if (given.isEmpty()) {
      return List.of();
    }
    var images = new ArrayList<String>();
    for (JsonNode node : Fields.array(given.get(), fields.at("images"))) {
      String at = fields.at("images") + "[" + images.size() + "]";
      String image = Fields.text(node, at);
      images.add(
          image.regionMatches(true, 0, "data:", 0, 5)
              ? OpenAiMessages.dataUrl(image, at).base64()
              : image);
    }
    return images;
  }
}
