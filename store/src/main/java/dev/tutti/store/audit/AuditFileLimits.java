package dev.tutti.store.audit;

import java.time.Duration;

/// Every bound of the audit log's files.
///
/// @param waiting the most entries that wait to be written; further ones are lost, and told
/// @param bytes the size a log may grow to before it is set aside and another begins
/// @param signEvery the longest time in which what was written stays unsigned
/// @param retryAfter between two attempts to write when the disk refuses
/// @param closeWait the longest that closing waits for what is still to be written
public record AuditFileLimits(
    int waiting, long bytes, Duration signEvery, Duration retryAfter, Duration closeWait) {
  /// What a hub uses.
  public static final AuditFileLimits DEFAULT =
      new AuditFileLimits(
          4_096, 256L << 20, Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofSeconds(3));

  /// Entries that are written together at the most.
  static final int BUNCH = 256;

  /// Logs that were set aside, at the most; with more the log is full, and says so.
  static final int MAX_SET_ASIDE = 999;

  /// Checks the ranges.
  public AuditFileLimits {
    if (waiting <= 0 || bytes <= 0 || signEvery.isNegative() || retryAfter.isNegative()) {
      throw new IllegalArgumentException(
          "limits: " + waiting + ", " + bytes + " (expected: > 0, and no negative time)");
    }
  }
}
