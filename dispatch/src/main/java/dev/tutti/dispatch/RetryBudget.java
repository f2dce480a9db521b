package dev.tutti.dispatch;

import java.time.Duration;

/// How many attempts may be under way, or wait for a slot, that do work for the second time, and
/// how many of all. When many attempts fail at once, doing all of them again at once would load
/// those engines that are left with more than they can carry. Owner loop only.
final class RetryBudget {
  /// So many are always allowed.
  static final int LEAST = 3;

  /// So many for each attempt that runs.
  static final double SHARE = 0.2;

  /// So many of all tasks may be repeated for long while others wait: what an engine that fails at
  /// once gives back at once is bounded by this alone. Where nobody waits nothing is taken from
  /// anybody, and a mesh with one bad engine still answers everything; but it counts for the time
  /// when somebody does.
  static final double SHARE_OF_ALL = 0.15;

  /// So many may be repeated at once that were not before; and by no more than so many can what was
  /// repeated while nobody waited hold back others later.
  static final double MOST_SAVED = 10;

  /// In a mesh with little to do, one may be repeated each so often all the same.
  static final Duration ONE_EACH = Duration.ofSeconds(5);

  /// Who finds no room looks again after a time from here ...
  static final Duration AGAIN_FROM = Duration.ofMillis(50);

  /// ... to there, each after another.
  static final Duration AGAIN_TO = Duration.ofMillis(250);

  /// An odd number with its bits well mixed: it spreads what is counted over the whole range.
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private int taken;
  private double saved = MOST_SAVED;
  private long savedNanos;
  private long waits;

  RetryBudget(long now) {
    savedNanos = now;
  }

  /// A task is begun for the first time.
  void begun() {
    saved = Math.min(MOST_SAVED, saved + SHARE_OF_ALL);
  }

  /// Takes the right to one more such attempt, until its end.
  ///
  /// @param active attempts that run anywhere
  /// @param contested whether others wait
  boolean take(Job<?, ?> job, int active, boolean contested, long now) {
    double passed = (double) (now - savedNanos) / ONE_EACH.toNanos();
    saved = Math.min(MOST_SAVED, saved + passed);
    savedNanos = now;
    boolean may = !contested || saved >= 1;
    if (!job.mayRepeat && may && taken < Math.max(LEAST, (int) (active * SHARE))) {
      saved = Math.max(-MOST_SAVED, saved - 1);
      taken++;
      job.mayRepeat = true;
    }
    return job.mayRepeat;
  }

  /// Gives it back, if the task has it.
  void giveBack(Job<?, ?> job) {
    if (job.mayRepeat) {
      job.mayRepeat = false;
      taken--;
    }
  }

  /// When to look again. Counted and not drawn, so that a run can be replayed.
  Duration again() {
    long range = AGAIN_TO.minus(AGAIN_FROM).toNanos();
    return AGAIN_FROM.plusNanos(Long.remainderUnsigned(++waits * SPREAD, range));
  }
}
