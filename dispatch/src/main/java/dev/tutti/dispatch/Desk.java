package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.dispatch.predict.Lesson;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One backend's engine with its free slots and running attempts. Owner loop only.
final class Desk<W, E> {
  private static final double LEAST_STRETCH = 0.7;
  private static final double MOST_STRETCH = 4;
  private static final double STRETCH_FADE = 0.97;

  /// What the guess that all goes as expected weighs, in milliseconds of writing.
  private static final double STRETCH_TRUST = 20_000;

  /// After so many errors in a row each further one brings a rest, and it is tried by one attempt
  /// at a time until it answers.
  static final int ERRORS = 2;

  /// The most ended attempts remembered.
  private static final int MAX_REMEMBERED = 32;

  /// So long after an attempt the engine's own list shows what it loaded.
  static final Duration SHOWN_WITHIN = Duration.ofSeconds(5);

  final BackendId id;
  @Nullable Engine<W, E> engine;
  final Set<Run<W, E>> runs = new LinkedHashSet<>();
  long lastPicked;

  /// What its engine's answers tell of its health.
  final Gauge.Marks marks = new Gauge.Marks();

  /// Whether it rests after it refused work or failed.
  boolean resting;

  /// Errors of its engine since that last began to answer.
  private int errors;

  /// The attempt that shows whether an engine that erred again and again does so still.
  private @Nullable Run<W, E> probe;

  /// Whether it takes no more work and goes when its last attempt has ended.
  boolean retiring;

  /// Whether it is gone: its engine's words about slots mean nothing any more.
  boolean closed;

  private int free;

  /// How long its answers took to write, and how long they had been expected to, in fading sums.
  private double written = STRETCH_TRUST;

  private double expected = STRETCH_TRUST;

  /// The attempts that ended last, the oldest first: what ran beside others is needed to learn from
  /// those.
  private final ArrayDeque<Run<W, E>> ended = new ArrayDeque<>();

  Desk(BackendId id) {
    this.id = id;
  }

  /// How many attempts could be started here: one at a time while the engine has to prove itself.
  int free() {
    return errors < ERRORS ? free : probe == null ? Math.min(free, 1) : 0;
  }

  /// An attempt begins here.
  void begun(Run<W, E> run) {
    runs.add(run);
    probe = errors < ERRORS ? null : run;
  }

  /// An attempt is over; says whether it was here.
  boolean ended(Run<W, E> run) {
    probe = probe == run ? null : probe;
    return runs.remove(run);
  }

  /// The engine has begun to answer.
  ///
  /// @return whether it takes more now than before
  boolean proves() {
    boolean erred = errors >= ERRORS;
    errors = 0;
    probe = null;
    return erred;
  }

  /// Counts an error of its engine. One may be the request's fault; of an engine that answers
  /// nothing else it is the engine's, and one that fails at once would be given all that waits.
  /// What it did not begin is about one model, which it lacks or has no memory for.
  ///
  /// @return whether it should rest
  boolean errsAgain(Failure failure) {
    return failure.code() == FailureCode.ENGINE_ERROR
        && failure.retry() != Retry.SAFE_NOT_STARTED
        && ++errors >= ERRORS;
  }

  /// Whether an attempt could be started here now.
  boolean isOpen() {
    return free() > 0 && engine != null && !resting && !retiring && !closed;
  }

  void slotOpened() {
    free++;
  }

  void slotClosed() {
    take("closes");
  }

  void spend() {
    take("is spent");
  }

  /// How much longer than expected this engine usually writes: those who come while it does are in
  /// nobody's forecast.
  double stretch() {
    return Math.clamp(written / expected, LEAST_STRETCH, MOST_STRETCH);
  }

  /// An answer took so long to write, and had been expected to take so long.
  void wrote(double millis, double expectedMillis) {
    if (millis > 0 && expectedMillis > 0) {
      written = written * STRETCH_FADE + millis;
      expected = expected * STRETCH_FADE + expectedMillis;
    }
  }

  /// Remembers an attempt that has ended.
  void remember(Run<W, E> run) {
    ended.addLast(run);
    if (ended.size() > MAX_REMEMBERED) {
      ended.removeFirst();
    }
  }

  /// What the engine did for others than this attempt between two moments, as far as it is
  /// remembered.
  Lesson.Others others(Run<W, E> self, long from, long to, long now) {
    double read = 0;
    double written = 0;
    for (Collection<Run<W, E>> some : List.of(ended, runs)) {
      for (Run<W, E> run : some) {
        if (run != self) {
          read += run.readBetween(from, to, now);
          written += run.writtenBetween(from, to, now);
        }
      }
    }
    return new Lesson.Others(read, written);
  }

  /// How long until a model is in memory that an attempt has brought on its way, in milliseconds;
  /// negative when none has. Those that ended just now count too: the engine's own list takes a
  /// moment to show what they loaded.
  ///
  /// @param contextTokens with at least so much context
  double loadLeft(ModelName model, int contextTokens, long now) {
    double left = -1;
    for (Run<W, E> run : runs) {
      if (run.hasLoaded(model, contextTokens)) {
        double until =
            run.events > 0 ? 0 : run.prediction.loadMillis() - (now - run.startedNanos) / 1e6;
        left = left < 0 ? Math.max(0, until) : Math.clamp(until, 0, left);
      }
    }
    for (var last = ended.descendingIterator(); left < 0 && last.hasNext(); ) {
      Run<W, E> run = last.next();
      if (now - run.endedNanos > SHOWN_WITHIN.toNanos()) {
        break;
      }
      // Of one that only loads or unloads the engine's list will tell.
      boolean used = run.events > 0 && run.job.task.type() != TaskType.LOAD;
      if (used && run.hasLoaded(model, contextTokens)) {
        left = 0;
      }
    }
    return left;
  }

  private void take(String what) {
    if (free <= 0) {
      throw new IllegalStateException(
          "free slots of " + id + ": " + free + " (expected: >= 1 when one " + what + ")");
    }
    free--;
  }
}
