package dev.tutti.dispatch;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// How long a task will wait: plays the queue forward over the slots, and corrects the figure by
/// how such figures came out lately, apart for when newest go first. Owner loop only.
final class Estimator<W, E> {
  /// The wait when nobody who could answer takes work.
  static final Duration UNKNOWN_WAIT = Duration.ofSeconds(30);

  /// More waiting tasks than this are not played one by one for a newcomer, who may be one of
  /// hundreds within a second: the wait behind them grows with their work.
  static final int MAX_PLAYED = 96;

  /// The same where all are played at once for those who look at the queue.
  static final int MAX_SHOWN = 512;

  private static final double LEAST_MILLIS = 10;

  private final Planner<W, E> planner;

  /// Tasks that are so much shorter or longer than usual are compared among themselves: who asks
  /// for less overtakes, later too, and who asks for more is overtaken.
  private static final double UNLIKE = 1.4;

  private static final double USUAL_FADE = 0.98;

  private final Overtaking overtaking = new Overtaking();
  private final Tracks usual = new Tracks();
  private final Tracks newestFirst = new Tracks();

  /// What tasks ask for in the middle, as a logarithm; nothing has been seen while it is negative.
  private double middle = -1;

  Estimator(Planner<W, E> planner) {
    this.planner = planner;
  }

  /// The wait of a task behind those ahead of it.
  WaitEstimate estimate(Job<W, E> job, WaitingQueue.Ahead<W, E> ahead, boolean newest, long now) {
    var play = planner.play(now);
    ahead.first().forEach(play::next);
    Planner.Step step = play.look(job.task, job.shape, job.tried);
    if (step == null) {
      return unknown();
    }
    double millis = step.prediction().waitMillis() * ahead.stretch();
    double stretched = newest ? millis : overtaking.stretched(job, millis, ahead.work(), now);
    return corrected(stretched, step.learned(), track(job, newest));
  }

  /// How long each of those will still wait, who are in order.
  Map<Job<W, E>, WaitEstimate> estimates(Collection<Job<W, E>> inOrder, boolean newest, long now) {
    var all = new IdentityHashMap<Job<W, E>, WaitEstimate>();
    var play = planner.play(now);
    double last = 0;
    int played = 0;
    for (Job<W, E> job : inOrder) {
      if (played < MAX_SHOWN) {
        played++;
        Planner.Step step = play.next(job);
        last = step == null ? last : Math.max(last, step.prediction().waitMillis());
        all.put(
            job,
            step == null
                ? unknown()
                : corrected(step.prediction().waitMillis(), step.learned(), track(job, newest)));
      } else {
        all.put(job, corrected(last * (all.size() + 1) / MAX_SHOWN, false, track(job, newest)));
      }
    }
    return all;
  }

  /// A task has come and will be served in its turn.
  void came(Job<W, E> job) {
    overtaking.came(job);
  }

  /// A task that waited has started.
  void started(Job<W, E> job, long now) {
    overtaking.started(job, now);
  }

  private static WaitEstimate unknown() {
    return new WaitEstimate(UNKNOWN_WAIT, UNKNOWN_WAIT, false);
  }

  private static WaitEstimate corrected(double millis, boolean learned, Track track) {
    double likely = Math.max(LEAST_MILLIS, track.likely(millis));
    return new WaitEstimate(
        duration(Math.clamp(track.hopeful(millis), LEAST_MILLIS, likely)),
        duration(likely),
        duration(Math.max(likely, track.cautious(millis))),
        learned,
        learned && track.isEnough(),
        millis);
  }

  private Track track(Job<W, E> job, boolean newest) {
    return (newest ? newestFirst : usual).of(unlike(job));
  }

  /// How a task compares with what is usual: 0 shorter, 1 alike, 2 longer.
  private int unlike(Job<W, E> job) {
    double more = middle < 0 ? 0 : Math.log(job.work) - middle;
    return more < -Math.log(UNLIKE) ? 0 : more > Math.log(UNLIKE) ? 2 : 1;
  }

  /// A task that was thought to wait so long has waited so long.
  void waited(Job<W, E> job, double expectedMillis, double millis, boolean newest) {
    (newest ? newestFirst : usual).add(unlike(job), expectedMillis, millis);
    double work = Math.log(job.work);
    middle = middle < 0 ? work : middle * USUAL_FADE + work * (1 - USUAL_FADE);
  }

  /// How the last estimates came out, all together and by how tasks compare with what is usual.
  private static final class Tracks {
    private final Track all = new Track();
    private final List<Track> unlike = List.of(new Track(), new Track(), new Track());

    void add(int which, double expected, double actual) {
      all.add(expected, actual);
      unlike.get(which).add(expected, actual);
    }

    Track of(int which) {
      Track own = unlike.get(which);
      return own.isEnough() ? own : all;
    }
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

    /// The quantile of those known that nine in ten of all stay below: the longest waits are the
    /// last to be known.
    private static final double CAUTIOUS = 0.93;

    private final double[] ratios = new double[KEPT];
    private int count;
    private int next;

    void add(double expected, double actual) {
      ratios[next] = (actual + PLUS) / (expected + PLUS);
      next = (next + 1) % KEPT;
      count = Math.min(count + 1, KEPT);
    }

    boolean isEnough() {
      return count >= ENOUGH;
    }

    double hopeful(double millis) {
      return count < ENOUGH ? millis / 2 : (millis + PLUS) * quantile(0.25) - PLUS;
    }

    double likely(double millis) {
      return count < ENOUGH ? millis : (millis + PLUS) * quantile(0.5) - PLUS;
    }

    double cautious(double millis) {
      return count < ENOUGH ? 2 * millis : (millis + PLUS) * quantile(CAUTIOUS) - PLUS;
    }

    private double quantile(double share) {
      double[] sorted = Arrays.copyOf(ratios, count);
      Arrays.sort(sorted);
      return sorted[(int) Math.min(count - 1L, Math.round(share * (count - 1)))];
    }
  }
}
