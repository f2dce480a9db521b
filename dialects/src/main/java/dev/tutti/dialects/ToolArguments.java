package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Arguments of a tool call as text, which some dialects want as an object.
final class ToolArguments {
  private ToolArguments() {}

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
