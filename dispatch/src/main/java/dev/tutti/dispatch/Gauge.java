package dev.tutti.dispatch;

import dev.tutti.core.Time;
import dev.tutti.fleet.LivenessLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What answers tell of their engines' health: that bytes still come, that several have fallen
/// silent together, how fast they were. Owner loop only.
final class Gauge<W, E> {
  /// How often silent answers are looked for while any attempt runs.
  static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /// Gaps between pieces that are remembered of each engine.
  static final int GAPS = 64;

  /// An answer of fewer tokens says nothing about speed.
  static final int FEWEST_TOKENS = 16;

  /// An answer that comes in fewer pieces than one for so many tokens says nothing about speed.
  static final int TOKENS_PER_PIECE = 4;

  private final Time time;
  private final DispatchEvents events;
  private final Floor<W, E> floor;
  private Time.@Nullable Timer timer;

  Gauge(Time time, DispatchEvents events, Floor<W, E> floor) {
    this.time = time;
    this.events = events;
    this.floor = floor;
  }

  /// What is remembered of one engine's answers.
  static final class Marks {
    private final long[] gaps = new long[GAPS];
    private int count;
    private long signNanos;
    private boolean signed;

    private void gap(long nanos) {
      gaps[count++ % GAPS] = nanos;
    }

    /// How long an answer may bring nothing before it counts as silent.
    private long muteNanos() {
      long least = LivenessLimits.MUTE.toNanos();
      int known = Math.min(count, GAPS);
      if (known == 0) {
        return least;
      }
      long[] sorted = Arrays.copyOf(gaps, known);
      Arrays.sort(sorted);
      return Math.max(least, LivenessLimits.MUTE_GAPS * sorted[known / 2]);
    }
  }

  /// A piece of an answer came.
  ///
  /// @param before when the one before it came, if it is not the first
  void event(Run<W, E> run, long before, long now) {
    Marks marks = run.desk.marks;
    if (run.events > 1) {
      marks.gap(now - before);
    }
    if (!marks.signed || now - marks.signNanos >= LivenessLimits.SIGN_EVERY.toNanos()) {
      marks.signed = true;
      marks.signNanos = now;
      events.signOfLife(run.desk.id);
    }
  }

  /// An attempt ended well.
  void served(Run<W, E> run, AnswerUsage usage) {
    run.desk.errors = 0;
    boolean told = usage.outputNanos() > 0;
    boolean streamed =
        run.events > 1
            && (long) run.events * TOKENS_PER_PIECE >= usage.outputTokens()
            && !run.job.wasPaused;
    long nanos = told ? usage.outputNanos() : streamed ? run.lastNanos - run.firstNanos : 0;
    boolean speaks =
        nanos > 0 && usage.outputTokens() >= FEWEST_TOKENS && run.job.task.type().isAnswered();
    events.served(
        run.desk.id,
        run.assignment.model(),
        speaks ? usage.outputTokens() * 1e9 / nanos : 0,
        run.desk.runs.size() + 1);
  }

  /// An attempt runs.
  void watch() {
    if (timer == null) {
      timer = time.after(LOOK_EVERY, this::look);
    }
  }

  /// An attempt ended.
  void ended() {
    Time.Timer running = timer;
    if (running != null && floor.active() == 0) {
      running.cancel();
      timer = null;
    }
  }

  private void look() {
    timer = null;
    long now = time.nanos();
    for (Desk<W, E> desk : new ArrayList<>(floor.desks())) {
      look(desk, now);
    }
    if (floor.active() > 0) {
      watch();
    }
  }

  private void look(Desk<W, E> desk, long now) {
    if (desk.runs.isEmpty()) {
      return;
    }
    long limit = desk.marks.muteNanos();
    int mute = 0;
    for (Run<W, E> run : desk.runs) {
      if (run.events > 0 && !run.job.paused) {
        if (now - run.quietSince < limit) {
          return;
        }
        mute++;
      }
    }
    if (mute > 0) {
      events.mute(desk.id, mute);
    }
  }
}
