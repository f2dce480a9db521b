package dev.tutti.worklist;

import java.util.Locale;

/// Where a batch is, in OpenAI's words.
public enum BatchState {
  /// Its file is being read.
  VALIDATING,
  /// Its items wait or run.
  IN_PROGRESS,
  /// Its items have ended; their answers are being gathered into a file.
  FINALIZING,
  /// It is being cancelled: the same, for what had ended by then.
  CANCELLING,
  /// Ended: every item has ended in time.
  COMPLETED,
  /// Ended: its file could not be used.
  FAILED,
  /// Ended: its time ran out.
  EXPIRED,
  /// Ended at somebody's wish.
  CANCELLED;

  /// Whether nothing more will happen to it.
  public boolean isEnd() {
    return switch (this) {
      case VALIDATING, IN_PROGRESS, FINALIZING, CANCELLING -> false;
      case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
    };
  }

  /// The name in APIs.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
