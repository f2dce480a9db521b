package dev.tutti.dispatch.predict;

/// How fast one engine answers with one model, as far as anybody knows, and how much the others on
/// it are in the way. Read at each decision, so it must be cheap.
public interface Pace {
  /// Milliseconds to read so many tokens of a prompt while the engine reads and writes so many for
  /// others.
  double readMillis(double own, double othersRead, double othersWritten);

  /// Milliseconds to write so many tokens while the engine reads and writes so many for others.
  double writeMillis(double own, double othersRead, double othersWritten);

  /// Milliseconds to bring the model into memory.
  double loadMillis();

  /// Milliseconds of an attempt that are none of the others: the way there and back, the template,
  /// the first byte.
  double overheadMillis();

  /// Tokens in one piece of an answer.
  double tokensPerPiece();

  /// Whether this was measured there, and not only expected of such a machine.
  boolean isMeasured();

  /// How far off it usually is, as a share of the figure.
  double spread();
}
