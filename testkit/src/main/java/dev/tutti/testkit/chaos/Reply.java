package dev.tutti.testkit.chaos;

import java.time.Instant;
import java.util.Optional;

/// What came of one streamed chat, as its client saw it.
///
/// @param seed what its whole answer hangs on, and no other request has
/// @param tokens the length of its whole answer
/// @param begunAt when the first piece of text came, empty when none did
/// @param task what the hub calls it, empty when no answer came at all
/// @param detail the error, empty when there was none
public record Reply(
    long seed,
    int tokens,
    Instant sentAt,
    Optional<Instant> begunAt,
    Instant endedAt,
    String task,
    String text,
    Ending ending,
    String detail) {
  /// How an answer ended.
  public enum Ending {
    /// With its end record.
    DONE,
    /// With another status than 200.
    REFUSED,
    /// With an error record.
    ERROR,
    /// The connection broke.
    BROKEN,
    /// Like a whole answer but without an end record: nobody can tell that something is missing.
    CLEAN_BUT_SHORT
  }

  /// Whether it had no text at that moment, though it was on its way.
  public boolean waitedAt(Instant moment) {
    return !sentAt.isAfter(moment)
        && endedAt.isAfter(moment)
        && begunAt.filter(begun -> !begun.isAfter(moment)).isEmpty();
  }

  /// Whether its text was coming at that moment.
  public boolean streamedAt(Instant moment) {
    return endedAt.isAfter(moment) && begunAt.filter(begun -> !begun.isAfter(moment)).isPresent();
  }
}
