package dev.tutti.telemetry;

import java.util.Locale;

/// How a client's request ended.
public enum RequestOutcome {
  /// With a whole answer.
  DONE,
  /// Without work: it was wrong in itself, or nobody was free.
  REFUSED,
  /// With an error before anything was written.
  FAILED,
  /// With an error after something was written.
  BROKEN,
  /// The client went away.
  CANCELLED;

  /// The name as a label's value.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
