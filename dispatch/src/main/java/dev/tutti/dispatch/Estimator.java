package dev.tutti.dispatch;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;

/// How long a task will wait: plays the queue forward over the slots, and corrects the figure by
/// how such figures came out lately. Owner loop only.
final class Estimator<W, E> {
  /// The wait when nobody who could answer takes work.
  static final Duration UNKNOWN_WAIT = Duration.ofSeconds(30);

  /// More waiting tasks than this are not played one by one: the wait behind them grows as it did
  /// before.
  static final int MAX_PLAYED = 512;

  private static final double LEAST_MILLIS = 10;

  private final Planner<W, E> planner;
  private final Track track = new Track();

  Estimator(Planner<W, E> planner) {
    this.planner = planner;
  }

  /// The wait of a task behind those `ahead`, which are in order.
  WaitEstimate estimate(Task<W> task, Shape shape, Collection<Job<W, E>> ahead, long now) {
    var play = planner.play(now);
    int played = 0;
    for (Job<W, E> job : ahead) {
      if (++played > MAX_PLAYED) {
        break;
      }
      play.next(job);
    }
    Planner.Step step = play.look(task, shape, Set.of());
    if (step == null) {
      return new WaitEstimate(UNKNOWN_WAIT, UNKNOWN_WAIT, false);
    }
    double millis =
        step.prediction().waitMillis() * Math.max(1, (double) ahead.size() / MAX_PLAYED);
    double likely = Math.max(LEAST_MILLIS, track.likely(millis));
    double cautious = Math.max(likely, track.cautious(millis));
    return new WaitEstimate(duration(likely), duration(cautious), step.learned(), millis);
  }

  /// A task that was thought to wait so long has waited so long.
  void waited(double expectedMillis, double millis) {
    track.add(expectedMillis, millis);
  }

  private static Duration duration(double millis) {
    return Duration.ofNanos(Math.round(millis * 1e6));
  }

  /// How the last estimates came out: quantiles of what was over what had been expected.
  private static final class Track {
    /// Waits remembered.
    private static final int KEPT = 128;

    /// With fewer than this the figure stands as it is, and the cautious one is twice that.
    private static final int ENOUGH = 16;

    /// Waits are compared as if both were so much longer, in milliseconds: between very short ones
    /// a ratio says nothing.
    private static final double PLUS = 100;

    private final double[] ratios = new double[KEPT];
    private int count;
    private int next;

    void add(double expected, double actual) {
      ratios[next] = (actual + PLUS) / (expected + PLUS);
      next = (next + 1) % KEPT;
      count = Math.min(count + 1, KEPT);
    }

    double likely(double millis) {
      return count < ENOUGH ? millis : (millis + PLUS) * quantile(0.5) - PLUS;
    }

    double cautious(double millis) {
      return count < ENOUGH ? 2 * millis : (millis + PLUS) * quantile(0.9) - PLUS;
    }

    private double quantile(double share) {
      double[] sorted = Arrays.copyOf(ratios, count);
      Arrays.sort(sorted);
      return sorted[(int) Math.min(count - 1L, Math.round(share * (count - 1)))];
    }
  }
}
