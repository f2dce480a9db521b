package dev.tutti.dialects;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/// How the next token is chosen and when to stop: what every dialect can say. Empty means "the
/// engine's own".
///
/// @param maxTokens the most tokens to write; -1 is "no limit" as in Ollama
/// @param logprobs how many alternatives to report with each token; 0 is the chosen one only
/// @param options Ollama's other `options` (`num_ctx`, `mirostat` …), for Ollama backends
public record Sampling(
    OptionalInt maxTokens,
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalInt topK,
    OptionalDouble minP,
    OptionalLong seed,
    List<String> stop,
    OptionalDouble presencePenalty,
    OptionalDouble frequencyPenalty,
    OptionalDouble repeatPenalty,
    OptionalInt logprobs,
    Map<String, JsonNode> options) {
  /// All of it the engine's own.
  public static final Sampling NONE =
      new Sampling(
          OptionalInt.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalInt.empty(),
          OptionalDouble.empty(),
          OptionalLong.empty(),
          List.of(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalInt.empty(),
          Map.of());

  /// Copies the collections.
  public Sampling {
    stop = List.copyOf(stop);
    options = Map.copyOf(options);
  }

  /// The same with another limit.
  Sampling withMaxTokens(int limit) {
    return new Sampling(
        OptionalInt.of(limit),
        temperature,
        topP,
        topK,
        minP,
        seed,
        stop,
        presencePenalty,
        frequencyPenalty,
        repeatPenalty,
        logprobs,
        options);
  }
}
