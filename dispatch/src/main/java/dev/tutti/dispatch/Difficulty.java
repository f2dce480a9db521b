package dev.tutti.dispatch;

import java.util.Locale;
import java.util.Optional;

/// How large a model a task deserves, where the client leaves the choice to us.
public enum Difficulty {
  /// A small model does.
  SIMPLE,
  /// What most tasks are.
  USUAL,
  /// The largest model there is.
  HARD;

  /// The name in settings and APIs.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The difficulty of that name, if there is one.
  public static Optional<Difficulty> of(String wireName) {
    for (Difficulty difficulty : values()) {
      if (difficulty.wireName().equals(wireName)) {
        return Optional.of(difficulty);
      }
    }
    return Optional.empty();
  }
}
