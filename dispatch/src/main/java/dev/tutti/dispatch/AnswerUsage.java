package dev.tutti.dispatch;

/// What an answer cost, as the engine says; 0 where it does not.
///
/// @param promptTokens tokens read, those from a cache included
/// @param cachedTokens of them, taken from a cache
/// @param outputTokens tokens written
public record AnswerUsage(int promptTokens, int cachedTokens, int outputTokens) {
  /// Nothing known.
  public static final AnswerUsage UNKNOWN = new AnswerUsage(0, 0, 0);
}
