package dev.tutti.worklist;

import java.util.Locale;

/// Where an item is. It leaves each of the last four never again.
public enum ItemState {
  /// Waits for its turn.
  QUEUED,
  /// Was claimed and is under way.
  RUNNING,
  /// Answered in full.
  DONE,
  /// Ended with an error.
  FAILED,
  /// Ended at somebody's wish.
  CANCELLED,
  /// Its time ran out.
  EXPIRED;

  /// Whether nothing more will happen to it.
  public boolean isEnd() {
    return switch (this) {
      case QUEUED, RUNNING -> false;
      case DONE, FAILED, CANCELLED, EXPIRED -> true;
    };
  }

  /// The name in APIs.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
