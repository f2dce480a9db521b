package dev.tutti.dispatch;

/// What an answer cost, as the engine says; 0 where it does not.
///
/// @param promptTokens tokens read, those from a cache included
/// @param cachedTokens of them, taken from a cache
/// @param outputTokens tokens written
/// @param loadNanos nanoseconds it took to bring the model into memory
/// @param promptNanos nanoseconds it took to read what was not in the cache
/// @param outputNanos nanoseconds it took to write the answer
public record AnswerUsage(
    int promptTokens,
    int cachedTokens,
    int outputTokens,
    long loadNanos,
    long promptNanos,
    long outputNanos) {
  /// Nothing known.
  public static final AnswerUsage UNKNOWN = new AnswerUsage(0, 0, 0);

  /// The usage of an engine that counts tokens and tells no times.
  public AnswerUsage(int promptTokens, int cachedTokens, int outputTokens) {
    this(promptTokens, cachedTokens, outputTokens, 0, 0, 0);
  }
}
