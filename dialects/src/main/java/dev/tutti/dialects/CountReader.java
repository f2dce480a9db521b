package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;

/// Reads how many tokens a prompt has: Anthropic's `input_tokens`, vLLM's `count`. What else is in
/// the answer, the tokens themselves among it, is skipped.
final class CountReader implements AnswerReader {
  /// How long an answer may be, in bytes: vLLM's has a number for each token.
  static final int MAX_BYTES = 16 * 1024 * 1024;

  private static final int UNKNOWN = -1;

  private final Utf8Buffer body = new Utf8Buffer(MAX_BYTES);
  private int tokens = UNKNOWN;

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
    if (tokens == UNKNOWN) {
      return Optional.of(EngineErrors.garbage().failure());
    }
    out.accept(new Delta.Counted(tokens));
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
        case "input_tokens", "count" -> tokens = JsonPieces.count(parser);
        default -> parser.skipChildren();
      }
    }
  }
}
