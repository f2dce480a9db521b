package dev.tutti.fleet;

import java.util.ArrayDeque;

/// How far the observer doubts himself: one who was asleep, or to whom most of the others fall
/// silent at once, had better wait before he calls them dead. Owner loop only; times in
/// nanoseconds.
final class Doubt {
  private final ArrayDeque<Long> suspicions = new ArrayDeque<>();
  private int factor = 1;
  private long fedNanos;
  private long manyNanos;
  private boolean many;

  /// What timeouts are multiplied by, 1 without doubt.
  int factor() {
    return factor;
  }

  boolean isDoubting() {
    return factor > 1;
  }

  /// The owner loop was late.
  void late(long now, long lateNanos) {
    long lag = LivenessLimits.LAG.toNanos();
    if (lateNanos >= lag) {
      int grade = lateNanos >= 4 * lag ? 8 : lateNanos >= 2 * lag ? 4 : 2;
      feed(now, Math.max(factor, grade));
    }
  }

  /// One of so many that are watched fell silent.
  void suspected(long now, int watched) {
    long together = LivenessLimits.TOGETHER.toNanos();
    suspicions.add(now);
    while (now - suspicions.getFirst() > together || suspicions.size() > FleetLimits.MAX_BACKENDS) {
      suspicions.removeFirst();
    }
    boolean most =
        watched >= LivenessLimits.FEWEST && suspicions.size() > watched * LivenessLimits.MANY;
    if (most && (!many || now - manyNanos > together)) {
      many = true;
      manyNanos = now;
      feed(now, factor * 2);
    }
  }

  private void feed(long now, int next) {
    factor = Math.min(next, LivenessLimits.MOST_DOUBT);
    fedNanos = now;
  }

  /// Time went by.
  void passed(long now) {
    if (factor > 1 && now - fedNanos >= LivenessLimits.DOUBT_FADES.toNanos()) {
      feed(now, factor / 2);
    }
  }
}
