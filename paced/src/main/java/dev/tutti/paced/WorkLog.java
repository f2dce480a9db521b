package dev.tutti.paced;

import java.time.Instant;

/// Hears of each piece of work that an engine is given, and what becomes of it. Called on the
/// engine's loop.
public interface WorkLog {
  /// Keeps nothing.
  WorkLog NONE = (_, _, _, _) -> {};

  /// What became of a piece of work.
  enum What {
    /// It was taken in.
    BEGUN,
    /// Its last token was made.
    COMPLETED,
    /// Its client left.
    ABORTED,
    /// A fault ended it.
    FAILED;

    static What of(Generation.End end) {
      return switch (end) {
        case COMPLETED -> COMPLETED;
        case ABORTED -> ABORTED;
        case FAILED -> FAILED;
      };
    }
  }

  /// Takes one entry.
  ///
  /// @param seed the request's `seed`, else a hash of its last text
  /// @param tokens answer tokens that were there already when it begun, or were made until its end
  void note(Instant at, long seed, What what, int tokens);
}
