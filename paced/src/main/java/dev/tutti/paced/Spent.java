package dev.tutti.paced;

/// What a finished generation used. `totalNanos` is everything from the request's arrival, the wait
/// for a slot included.
record Spent(
    Script.Finish finish,
    long promptTokens,
    int answerTokens,
    long loadNanos,
    long prefillNanos,
    long decodeNanos,
    long totalNanos) {
  private static final double NANOS_PER_SECOND = 1e9;

  double promptTokensPerSecond() {
    return perSecond(promptTokens, prefillNanos);
  }

  double answerTokensPerSecond() {
    return perSecond(answerTokens, decodeNanos);
  }

  private static double perSecond(long tokens, long nanos) {
    return nanos == 0 ? 0 : tokens * NANOS_PER_SECOND / nanos;
  }
}
