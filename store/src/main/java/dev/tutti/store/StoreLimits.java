package dev.tutti.store;

import dev.tutti.core.Bytes;
import java.time.Duration;

/// Every bound of the store, and every time it waits.
///
/// @param usageWaiting the most usage rows that wait to be written; further ones are dropped
/// @param changesWaiting the most durable changes that wait to be written; further ones fail
/// @param readsWaiting the most queries that wait for their turn; further ones fail
/// @param groupRows usage rows that are written together at the most
/// @param groupWait the longest a usage row waits for others to be written with
/// @param usageRows usage rows kept; the oldest go first
/// @param usageAge how long a usage row is kept
/// @param pruneRows old usage rows removed in one transaction, so that writers are not held up
/// @param modelsSeen model names remembered after nobody offers them
/// @param fileBytes the size the database may grow to
/// @param closeWait the longest that closing waits for what is still to be written
public record StoreLimits(
    int usageWaiting,
    int changesWaiting,
    int readsWaiting,
    int groupRows,
    Duration groupWait,
    long usageRows,
    Duration usageAge,
    int pruneRows,
    int modelsSeen,
    Bytes fileBytes,
    Duration closeWait) {

  /// What a hub uses.
  public static final StoreLimits DEFAULT =
      new StoreLimits(
          16_384,
          1_024,
          64,
          512,
          Duration.ofMillis(200),
          1_000_000,
          Duration.ofDays(90),
          5_000,
          20_000,
          Bytes.ofGibi(2),
          Duration.ofSeconds(5));

  /// How long a connection waits for a lock that another process holds.
  public static final Duration LOCK_WAIT = Duration.ofSeconds(5);

  /// How often old usage rows are looked for.
  public static final Duration PRUNE_EVERY = Duration.ofHours(1);

  /// Usage rows after which old ones are looked for before {@link #PRUNE_EVERY} has passed.
  public static final int PRUNE_AFTER_ROWS = 10_000;

  /// How often dropped usage rows are logged at the most.
  public static final Duration DROPS_LOGGED_EVERY = Duration.ofSeconds(10);

  /// Files up to this size are checked page by page when they are opened; larger ones would hold up
  /// the start.
  public static final Bytes CHECKED_BYTES = new Bytes(4L << 20);

  /// The write-ahead log is cut back to this size after a checkpoint.
  public static final Bytes WAL_KEPT_BYTES = new Bytes(16L << 20);

  /// The most groups of one usage summary, those with the most tasks.
  public static final int SUMMARY_GROUPS = 1_000;

  /// The most usage rows that one query brings.
  public static final int RECENT_ROWS = 1_000;

  /// Checks the ranges.
  public StoreLimits {
    positive("usageWaiting", usageWaiting);
    positive("changesWaiting", changesWaiting);
    positive("readsWaiting", readsWaiting);
    positive("groupRows", groupRows);
    positive("usageRows", usageRows);
    positive("pruneRows", pruneRows);
    positive("modelsSeen", modelsSeen);
    positive("fileBytes", fileBytes.value());
    positive("groupWait", groupWait.toNanos());
    positive("usageAge", usageAge.toSeconds());
    positive("closeWait", closeWait.toNanos());
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
