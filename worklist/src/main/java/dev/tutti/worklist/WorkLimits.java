package dev.tutti.worklist;

import dev.tutti.core.Bytes;
import java.time.Duration;

/// Every bound of longer work that tests set.
///
/// @param underWay items claimed at a time
/// @param lookahead items of one model that wait for an engine at a time: enough that no engine is
///   idle, few enough that the queue stays free for those who wait for their answers
/// @param attempts how often an item is begun before it has failed
/// @param retry the first wait after a refusal; it doubles up to {@link #RETRY_MOST}
public record WorkLimits(int underWay, int lookahead, int attempts, Duration retry) {
  /// What a hub uses.
  public static final WorkLimits DEFAULT = new WorkLimits(256, 4, 5, Duration.ofMillis(500));

  /// The longest wait before a refused model is tried again, or the store is asked again.
  public static final Duration RETRY_MOST = Duration.ofSeconds(30);

  /// For so long after its start a hub may not have met all its engines: a model that nobody has
  /// does not count against an item.
  public static final Duration YOUNG = Duration.ofSeconds(30);

  /// Models that are waited for at a time; when there are more, nothing is claimed.
  public static final int MAX_RESTING = 256;

  /// The longest wait of one item in the queue before it is handed back and others have a turn.
  public static final Duration QUEUE_WAIT = Duration.ofMinutes(10);

  /// How often is looked for what has expired or can be forgotten.
  public static final Duration TIDY_EVERY = Duration.ofSeconds(5);

  /// The longest life of a task that a client may ask for.
  public static final Duration MAX_TTL = Duration.ofDays(7);

  /// The life of a task whose client does not say.
  public static final Duration DEFAULT_TTL = Duration.ofHours(24);

  /// How long the result of a task can be fetched.
  public static final Duration RESULTS_KEPT = Duration.ofDays(7);

  /// Tasks whose result can be fetched; the oldest go first.
  public static final int MAX_RESULTS = 10_000;

  /// How long a batch that has ended is listed.
  public static final Duration BATCHES_KEPT = Duration.ofDays(30);

  /// Items kept, whatever their state.
  public static final int MAX_ITEMS = 200_000;

  /// All bodies and answers of items together.
  public static final Bytes MAX_ITEM_BYTES = Bytes.ofGibi(1);

  /// Batches kept, whatever their state.
  public static final int MAX_BATCHES = 10_000;

  /// Lines of one batch's file, as at OpenAI.
  public static final int MAX_BATCH_LINES = 50_000;

  /// Files kept.
  public static final int MAX_FILES = 10_000;

  /// All files together.
  public static final Bytes MAX_FILE_BYTES = Bytes.ofGibi(8);

  /// How long a file for batches stays unless its owner says otherwise, as at OpenAI.
  public static final Duration BATCH_FILES_LIVE = Duration.ofDays(30);

  /// Items that are written, expired or forgotten in one transaction.
  public static final int BUNCH = 500;

  /// Bytes of items that are written in one transaction, more or less.
  public static final int BUNCH_BYTES = 4 << 20;

  /// Clients that watch items at a time.
  public static final int MAX_WATCHERS = 1_024;

  /// Checks the ranges.
  public WorkLimits {
    if (underWay < 1 || lookahead < 1 || attempts < 1 || !retry.isPositive()) {
      throw new IllegalArgumentException("a limit: not positive (expected: all > 0)");
    }
  }
}
