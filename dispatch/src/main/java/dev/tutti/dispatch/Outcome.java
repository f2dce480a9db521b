package dev.tutti.dispatch;

import java.util.Locale;

/// How a task ended: each one ends in exactly one of these.
public enum Outcome {
  /// Answered in full.
  DONE,
  /// Begun somewhere, and not answered in full.
  FAILED,
  /// Never begun: nobody could or would take it.
  REFUSED,
  /// Its client went away.
  CANCELLED;

  /// The name in APIs.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
