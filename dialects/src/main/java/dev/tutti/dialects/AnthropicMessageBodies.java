package dev.tutti.dialects;

import dev.tutti.dialects.Message.Part;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes messages for engines of Anthropic's dialect: `user` and `assistant` take turns, a tool's
/// result is something the user says, and everything from the system stands beside the messages,
/// wherever in the conversation it was said.
final class AnthropicMessageBodies {
  private static final String PARAGRAPH = "\n\n";

  private final ArrayNode turns = Json.object().putArray("messages");
  private final StringBuilder system = new StringBuilder();

  /// Calls whose result has not come yet, for results that name no call.
  private final Deque<String> unanswered = new ArrayDeque<>();

  private AnthropicMessageBodies() {}

  /// Puts `system` and `messages` into a request.
  static void write(ObjectNode body, List<Message> messages) {
    var bodies = new AnthropicMessageBodies();
    for (int i = 0; i < messages.size(); i++) {
      bodies.message(messages.get(i), i);
    }
    if (!bodies.system.isEmpty()) {
      body.put("system", bodies.system.toString());
    }
    body.set("messages", bodies.turns);
  }

  private void message(Message message, int place) {
    switch (message.role()) {
      case SYSTEM, DEVELOPER -> {
        String text = message.text();
        system.append(system.isEmpty() || text.isEmpty() ? "" : PARAGRAPH).append(text);
      }
      case USER -> parts(message, "user");
      case TOOL -> result(message);
      case ASSISTANT -> assistant(message, place);
    }
  }

  /// The blocks of a turn of this role: the last one's when it is the same one's.
  private ArrayNode turn(String role) {
    if (!turns.isEmpty()
        && turns.get(turns.size() - 1) instanceof ObjectNode last
        && last.path("role").stringValue().equals(role)) {
      return last.withArray("content");
    }
    return turns.addObject().put("role", role).putArray("content");
  }

  private void parts(Message message, String role) {
    for (Part part : message.parts()) {
      // The dialect refuses empty texts.
      if (!(part instanceof Part.Text(var text)) || !text.isBlank()) {
        part(turn(role), part);
      }
    }
  }

  private static void part(ArrayNode content, Part part) {
    switch (part) {
      case Part.Text(var text) -> content.addObject().put("type", "text").put("text", text);
      case Part.Image image ->
          content
              .addObject()
              .put("type", "image")
              .putObject("source")
              .put("type", "base64")
              .put("media_type", image.typeOrGuess())
              .put("data", image.base64());
      case Part.ImageUrl(var url) ->
          content
              .addObject()
              .put("type", "image")
              .putObject("source")
              .put("type", "url")
              .put("url", url);
    }
  }

  private void result(Message message) {
    String id = message.toolCallId().map(AnthropicMessageBodies::fit).orElse("");
    if (id.isEmpty()) {
      id = unanswered.isEmpty() ? "" : unanswered.removeFirst();
    } else {
      unanswered.remove(id);
    }
    ObjectNode result = turn("user").addObject().put("type", "tool_result").put("tool_use_id", id);
    ArrayNode content = result.putArray("content");
    for (Part part : message.parts()) {
      if (!(part instanceof Part.Text(var text)) || !text.isEmpty()) {
        part(content, part);
      }
    }
  }

  private void assistant(Message message, int place) {
    // A thought without its seal is refused by engines that look for seals, and no other dialect
    // hands one back.
    message
        .seal()
        .ifPresent(seal ->
            message
                .reasoning()
                .ifPresent(reasoning ->
                    turn("assistant")
                        .addObject()
                        .put("type", "thinking")
                        .put("thinking", reasoning)
                        .put("signature", seal)));
    parts(message, "assistant");
    unanswered.clear();
    for (Message.ToolCall call : message.toolCalls()) {
      String id = call.id().isEmpty() ? "toolu_" + place + "_" + unanswered.size() : fit(call.id());
      unanswered.add(id);
      turn("assistant")
          .addObject()
          .put("type", "tool_use")
          .put("id", id)
          .put("name", call.name())
          .set("input", ToolArguments.required(call, "messages[" + place + "]"));
    }
  }

  /// The dialect's ids hold letters, digits, `_` and `-`.
  private static String fit(String id) {
    return id.replaceAll("[^a-zA-Z0-9_-]", "_");
  }
}
