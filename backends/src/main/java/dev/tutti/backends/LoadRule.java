package dev.tutti.backends;

import dev.tutti.dialects.OllamaLoad;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/// What the owner says about a model in memory; beats what clients ask for.
///
/// @param context the context's length in tokens, whatever clients ask for
/// @param keepAlive how long the model stays after its last use at least; {@link
///   OllamaLoad#FOREVER} is for ever
public record LoadRule(OptionalInt context, Optional<Duration> keepAlive) {
  /// The owner says nothing: clients' wishes decide.
  public static final LoadRule NONE = new LoadRule(OptionalInt.empty(), Optional.empty());

  /// The longest context that can be set, in tokens.
  public static final int MAX_CONTEXT_TOKENS = 16 * 1024 * 1024;

  /// Checks the ranges.
  public LoadRule {
    if (context.isPresent()
        && (context.getAsInt() < 1 || context.getAsInt() > MAX_CONTEXT_TOKENS)) {
      throw new IllegalArgumentException(
          "context: " + context.getAsInt() + " (expected: 1 to " + MAX_CONTEXT_TOKENS + ")");
    }
    if (keepAlive.filter(Duration::isNegative).isPresent()) {
      throw new IllegalArgumentException(
          "keep-alive: " + keepAlive.get() + " (expected: 0 s or more)");
    }
  }
}
