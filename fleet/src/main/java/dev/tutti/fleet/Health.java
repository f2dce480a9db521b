package dev.tutti.fleet;

/// Whether a backend gets new work.
public enum Health {
  /// Never yet probed with success.
  UNKNOWN,
  /// Answers.
  UP,
  /// Answers, but is loading or refuses work just now.
  BUSY,
  /// Something speaks against it, nothing is proven: new work only where nobody else can do it.
  SUSPECT,
  /// Answers, but is so slow or mute that it is left alone for a while: new work only where nobody
  /// else can do it.
  GRAY,
  /// Does not answer: no new work until it is well again.
  DOWN,
  /// Down for so long that nobody expects it back soon.
  OFFLINE;

  /// Whether it is there, as far as anybody knows: what it offers is still offered.
  public boolean isThere() {
    return switch (this) {
      case UP, BUSY, SUSPECT, GRAY -> true;
      case UNKNOWN, DOWN, OFFLINE -> false;
    };
  }

  /// Whether it was found not to answer.
  public boolean isDown() {
    return switch (this) {
      case DOWN, OFFLINE -> true;
      case UNKNOWN, UP, BUSY, SUSPECT, GRAY -> false;
    };
  }
}
