package dev.tutti.fleet;

/// Whether a backend gets new work.
public enum Health {
  /// Never yet probed with success.
  UNKNOWN,
  /// Answers.
  UP,
  /// Answers, but is loading or refuses work just now.
  BUSY,
  /// Does not answer: no new work until one good probe.
  DOWN
}
