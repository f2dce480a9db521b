package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads Ollama's answer to a request that loads or unloads a model: one object that is done.
final class ResidencyReader implements AnswerReader {
  /// How long the answer may be, in bytes.
  static final int MAX_BYTES = 1024 * 1024;

  private final Utf8Buffer body = new Utf8Buffer(MAX_BYTES);
  private boolean done;
  private String reason = "";

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    body.raw(bytes);
  }

  @Override
  public Optional<Failure> end(Consumer<Delta> out) {
    try {
      JsonPieces.object(body.array(), 0, body.size(), this::root);
    } catch (MeshException e) {
      return Optional.of(e.failure());
    }
    if (!done) {
      return Optional.of(EngineErrors.brokenStream());
    }
    out.accept(new Delta.Resident(!reason.equals("unload")));
    return Optional.empty();
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refused(status, retryAfter, body);
  }

  private void root(JsonParser parser) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "done" -> done = JsonPieces.flag(parser);
        case "done_reason" -> reason = JsonPieces.text(parser);
        case "error" -> {
          if (parser.currentToken() != JsonToken.VALUE_NULL) {
            throw EngineErrors.inAnswer(EngineErrors.words(JsonPieces.tree(parser)).orElse(""));
          }
        }
        default -> parser.skipChildren();
      }
    }
  }
}
