package dev.tutti.dispatch;

import java.time.Duration;

/// Every bound of dispatch that its owner may set.
///
/// @param maxQueued the most tasks that wait at a time
/// @param maxAttempts the most attempts of one task, the first included
/// @param firstEvent the longest silence between an attempt's start and its first piece: loading a
///   model and reading a long prompt may take minutes
/// @param idle the longest silence between two pieces of an answer whose reader is not stopped
/// @param finishedKept how many finished tasks are remembered
public record DispatchLimits(
    int maxQueued, int maxAttempts, Duration firstEvent, Duration idle, int finishedKept) {
  /// What holds unless the owner says otherwise.
  public static final DispatchLimits DEFAULT =
      new DispatchLimits(512, 3, Duration.ofMinutes(10), Duration.ofMinutes(2), 200);

  /// For this long a backend gets no new work after it refused some: by then its health is known.
  public static final Duration REST = Duration.ofMillis(500);

  /// Who asks for a model whose every machine is down is told to come back after so long: nobody
  /// knows when one will be there, and clients really wait as long as they are told.
  public static final Duration COME_BACK = Duration.ofSeconds(5);

  /// Who is willing to wait longer than this is not told how long it will be: it does not matter.
  public static final Duration MAX_TTL = Duration.ofDays(1);

  /// Checks the ranges.
  public DispatchLimits {
    atLeast("maxQueued", maxQueued, 0);
    atLeast("maxAttempts", maxAttempts, 1);
    atLeast("finishedKept", finishedKept, 0);
    positive("firstEvent", firstEvent);
    positive("idle", idle);
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
    }
  }

  private static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
