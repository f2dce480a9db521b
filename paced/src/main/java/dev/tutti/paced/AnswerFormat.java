package dev.tutti.paced;

import java.util.List;
import tools.jackson.databind.JsonNode;

/// How one dialect writes an answer, in pieces or whole. One object for one answer.
interface AnswerFormat {
  /// The content type of the answer in pieces.
  String streamType();

  /// What comes before the first piece; may be empty.
  String open();

  /// One piece; empty when the dialect says nothing for it.
  String piece(Piece piece);

  /// What ends a complete answer.
  String close(Spent spent);

  /// The whole answer in one body.
  JsonNode whole(List<Piece> pieces, Spent spent);

  /// The visible text of these pieces.
  static String text(List<Piece> pieces) {
    var text = new StringBuilder();
    for (Piece piece : pieces) {
      if (piece instanceof Piece.Text(String part)) {
        text.append(part);
      }
    }
    return text.toString();
  }

  /// The thinking in these pieces.
  static String thinking(List<Piece> pieces) {
    var text = new StringBuilder();
    for (Piece piece : pieces) {
      if (piece instanceof Piece.Thought(String part)) {
        text.append(part);
      }
    }
    return text.toString();
  }

  /// The complete calls in these pieces.
  static List<Piece.CallClosed> calls(List<Piece> pieces) {
    return pieces.stream()
        .filter(Piece.CallClosed.class::isInstance)
        .map(Piece.CallClosed.class::cast)
        .toList();
  }
}
