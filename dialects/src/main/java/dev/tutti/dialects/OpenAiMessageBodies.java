package dev.tutti.dialects;

import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes messages for engines of the OpenAI dialect. Tool calls and results that came without ids,
/// as Ollama's do, get them: calls by their place, results by the tool's name, else in order.
final class OpenAiMessageBodies {
  private final List<Message.ToolCall> unanswered = new ArrayList<>();

  private OpenAiMessageBodies() {}

  static ArrayNode of(List<Message> messages) {
    ArrayNode array = Json.object().putArray("messages");
    var bodies = new OpenAiMessageBodies();
    List<Message> told = ToolImages.apart(messages);
    for (int i = 0; i < told.size(); i++) {
      bodies.message(array.addObject(), told.get(i), i);
    }
    return array;
  }

  private void message(ObjectNode to, Message message, int place) {
    to.put("role", role(message.role()));
    content(to, message);
    message.reasoning().ifPresent(reasoning -> to.put("reasoning_content", reasoning));
    switch (message.role()) {
      case ASSISTANT -> toolCalls(to, message, place);
      case TOOL -> to.put("tool_call_id", answered(message));
      case USER, SYSTEM, DEVELOPER -> message.name().ifPresent(name -> to.put("name", name));
    }
  }

  /// Templates of local models know no developer.
  private static String role(Role role) {
    return switch (role) {
      case SYSTEM, DEVELOPER -> "system";
      case USER, ASSISTANT, TOOL -> role.name().toLowerCase(Locale.ROOT);
    };
  }

  private static void content(ObjectNode to, Message message) {
    boolean onlyText = message.parts().stream().allMatch(part -> part instanceof Part.Text);
    if (onlyText && message.parts().size() <= 1) {
      if (message.parts().isEmpty() && !message.toolCalls().isEmpty()) {
        to.putNull("content");
      } else {
        to.put("content", message.text());
      }
      return;
    }
    ArrayNode content = to.putArray("content");
    for (Part part : message.parts()) {
      switch (part) {
        case Part.Text(var text) -> content.addObject().put("type", "text").put("text", text);
        case Part.Image image -> url(content, dataUrl(image));
        case Part.ImageUrl(var url) -> url(content, url);
      }
    }
  }

  private static void url(ArrayNode content, String url) {
    content.addObject().put("type", "image_url").putObject("image_url").put("url", url);
  }

  private static String dataUrl(Part.Image image) {
    return "data:" + image.typeOrGuess() + ";base64," + image.base64();
  }

  private void toolCalls(ObjectNode to, Message message, int place) {
    if (message.toolCalls().isEmpty()) {
      return;
    }
    unanswered.clear();
    ArrayNode calls = to.putArray("tool_calls");
    for (Message.ToolCall call : message.toolCalls()) {
      String id = call.id().isEmpty() ? "call_" + place + "_" + calls.size() : call.id();
      unanswered.add(new Message.ToolCall(id, call.name(), call.arguments()));
      ObjectNode node = calls.addObject().put("id", id).put("type", "function");
      node.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    }
  }

  private String answered(Message message) {
    String given = message.toolCallId().orElse("");
    int match = -1;
    for (int i = unanswered.size() - 1; i >= 0; i--) {
      Message.ToolCall call = unanswered.get(i);
      if (given.isEmpty() ? isNamed(message, call.name()) : call.id().equals(given)) {
        match = i;
      }
    }
    if (match < 0 && given.isEmpty() && !unanswered.isEmpty()) {
      match = 0;
    }
    if (match < 0) {
      return given;
    }
    return unanswered.remove(match).id();
  }

  private static boolean isNamed(Message message, String tool) {
    return message.name().filter(tool::equals).isPresent();
  }
}
