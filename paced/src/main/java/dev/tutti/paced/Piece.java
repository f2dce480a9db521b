package dev.tutti.paced;

import tools.jackson.databind.JsonNode;

/// What one token adds to an answer.
sealed interface Piece {
  /// Visible text.
  record Text(String text) implements Piece {}

  /// Thinking.
  record Thought(String text) implements Piece {}

  /// The beginning of a tool call.
  record CallOpened(String id, String tool) implements Piece {}

  /// The next characters of the call's arguments.
  record CallArguments(String fragment) implements Piece {}

  /// The call as a whole, once its last argument is known.
  record CallClosed(String id, String tool, JsonNode arguments) implements Piece {}
}
