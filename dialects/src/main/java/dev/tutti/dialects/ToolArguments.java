package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Arguments of a tool call as text, which some dialects want as an object.
final class ToolArguments {
  private ToolArguments() {}

  /// That each call in a conversation has an object for arguments. An engine that parses them would
  /// answer as if the fault were its own.
  ///
  /// @throws MeshException `INVALID_REQUEST`
  static void check(List<Message> messages) {
    for (int i = 0; i < messages.size(); i++) {
      for (Message.ToolCall call : messages.get(i).toolCalls()) {
        required(call, "messages[" + i + "]");
      }
    }
  }

  /// The arguments of a call a client sent back.
  ///
  /// @param at where its message is
  static JsonNode required(Message.ToolCall call, String at) {
    JsonNode arguments = object(call.arguments());
    if (arguments.isMissingNode()) {
      throw MeshException.invalid(
          at + ".tool_calls: arguments that are no JSON object (expected: an object)");
    }
    return arguments;
  }

  /// The arguments of a call an engine made.
  ///
  /// @throws MeshException when they are no JSON object: half of one would make the client's tool
  ///   act on a guess
  static JsonNode answered(Message.ToolCall call) {
    JsonNode arguments = object(call.arguments());
    if (arguments.isMissingNode()) {
      throw new MeshException(
          Failure.of(
              FailureCode.ENGINE_ERROR,
              Retry.UNSAFE_MAY_HAVE_ACTED,
              "the engine called a tool with arguments that are no JSON object"));
    }
    return arguments;
  }

  /// The object; nothing at all is an empty one.
  ///
  /// @return a missing node when the text is no JSON object
  static JsonNode object(String text) {
    if (text.isBlank()) {
      return Json.object();
    }
    try {
      JsonNode node = Json.read(text.getBytes(StandardCharsets.UTF_8));
      return node.isObject() ? node : MissingNode.getInstance();
    } catch (MeshException _) {
      return MissingNode.getInstance();
    }
  }
}
