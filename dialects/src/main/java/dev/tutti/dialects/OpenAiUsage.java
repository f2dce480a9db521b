package dev.tutti.dialects;

import java.util.Optional;
import tools.jackson.core.JsonParser;

/// What an OpenAI answer says about its cost: `usage`, and llama.cpp's `timings`. The last word
/// counts; engines repeat it.
final class OpenAiUsage {
  private boolean known;
  private boolean counted;
  private int promptTokens;
  private int cachedTokens;
  private int outputTokens;
  private long promptNanos;
  private long outputNanos;

  /// The cost, when the engine said anything.
  Optional<Delta.Usage> delta() {
    return known
        ? Optional.of(
            new Delta.Usage(promptTokens, cachedTokens, outputTokens, 0, promptNanos, outputNanos))
        : Optional.empty();
  }

  void readUsage(JsonParser parser) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    known = true;
    counted = true;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "prompt_tokens" -> promptTokens = JsonPieces.count(parser);
        case "completion_tokens" -> outputTokens = JsonPieces.count(parser);
        case "prompt_tokens_details" -> details(parser);
        default -> parser.skipChildren();
      }
    }
  }

  private void details(JsonParser parser) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      if (name.equals("cached_tokens")) {
        cachedTokens = JsonPieces.count(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  void readTimings(JsonParser parser) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    known = true;
    int cached = 0;
    int read = 0;
    int written = 0;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "prompt_ms" -> promptNanos = JsonPieces.millisAsNanos(parser);
        case "predicted_ms" -> outputNanos = JsonPieces.millisAsNanos(parser);
        case "cache_n" -> cached = JsonPieces.count(parser);
        case "prompt_n" -> read = JsonPieces.count(parser);
        case "predicted_n" -> written = JsonPieces.count(parser);
        default -> parser.skipChildren();
      }
    }
    if (!counted) {
      promptTokens = (int) Math.min(Integer.MAX_VALUE, (long) cached + read);
      cachedTokens = cached;
      outputTokens = written;
    }
  }
}
