package dev.tutti.paced;

import java.util.List;

/// Everything that makes one simulated engine: who it plays, what it holds, how fast it is.
///
/// `answerTokens` is the length of an answer that nobody limits, or {@link #ENDLESS}.
public record PaceProfile(
    String name,
    EngineKind kind,
    List<PacedModel> models,
    Pace pace,
    int answerTokens,
    int embeddingDimension,
    Play play,
    WorkLog log) {
  /// An answer that ends only when the client's own limit is reached or the client leaves.
  public static final int ENDLESS = Integer.MAX_VALUE;

  private static final Pace DEFAULT_PACE = Pace.of(1_000, 50);
  private static final int DEFAULT_ANSWER_TOKENS = 48;
  private static final int DEFAULT_DIMENSION = 384;

  /// Checks the ranges.
  public PaceProfile {
    models = List.copyOf(models);
    if (answerTokens < 1) {
      throw new IllegalArgumentException("answerTokens: " + answerTokens + " (expected: >= 1)");
    }
    if (embeddingDimension < 1) {
      throw new IllegalArgumentException(
          "embeddingDimension: " + embeddingDimension + " (expected: >= 1)");
    }
  }

  /// An engine of an ordinary pace.
  public static PaceProfile of(String name, EngineKind kind, List<PacedModel> models) {
    return new PaceProfile(
        name,
        kind,
        models,
        DEFAULT_PACE,
        DEFAULT_ANSWER_TOKENS,
        DEFAULT_DIMENSION,
        Play.NONE,
        WorkLog.NONE);
  }

  /// The same engine at another pace.
  public PaceProfile withPace(Pace other) {
    return new PaceProfile(name, kind, models, other, answerTokens, embeddingDimension, play, log);
  }

  /// The same engine with answers of another length.
  public PaceProfile withAnswerTokens(int count) {
    return new PaceProfile(name, kind, models, pace, count, embeddingDimension, play, log);
  }

  /// The same engine with answers that never end by themselves.
  public PaceProfile endless() {
    return withAnswerTokens(ENDLESS);
  }

  /// The same engine with embeddings of another dimension.
  public PaceProfile withEmbeddingDimension(int dimension) {
    return new PaceProfile(name, kind, models, pace, answerTokens, dimension, play, log);
  }

  /// The same engine with a play.
  public PaceProfile withPlay(Play other) {
    return new PaceProfile(name, kind, models, pace, answerTokens, embeddingDimension, other, log);
  }

  /// The same engine, with somebody who hears of its work.
  public PaceProfile withLog(WorkLog other) {
    return new PaceProfile(name, kind, models, pace, answerTokens, embeddingDimension, play, other);
  }
}
