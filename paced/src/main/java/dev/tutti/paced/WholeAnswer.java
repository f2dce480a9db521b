package dev.tutti.paced;

import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// An answer without tokens, always in one body: embeddings, or that a model is loaded.
record WholeAnswer(Function<Spent, JsonNode> body) implements AnswerFormat {
  @Override
  public String streamType() {
    return Exchange.JSON_TYPE;
  }

  @Override
  public String open() {
    return "";
  }

  @Override
  public String piece(Piece piece) {
    return "";
  }

  @Override
  public String close(Spent spent) {
    return body.apply(spent).toString();
  }

  @Override
  public JsonNode whole(List<Piece> pieces, Spent spent) {
    return body.apply(spent);
  }
}
