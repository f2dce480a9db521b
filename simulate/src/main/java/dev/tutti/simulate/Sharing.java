package dev.tutti.simulate;

/// How the streams of one engine get in each other's way.
///
/// @param independent whether they do not at all: each has the full rates whatever the others do
/// @param batching what each further answer of the same model adds to the time of a step in which
///   every answer grows by a token: 0 when it is free, 1 when it takes as long as on its own
/// @param batchTokens how many prompt tokens the engine reads between two such steps
public record Sharing(boolean independent, double batching, int batchTokens) {
  /// Prompt tokens between two steps where the file does not say: the batch size with which
  /// llama.cpp and Ollama compute.
  static final int BATCH_TOKENS = 512;

  /// How long a step takes for so many answers at once, in steps of one answer.
  double stepCost(int answers) {
    return independent ? 1 : 1 + batching * (answers - 1);
  }
}
