package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import org.jspecify.annotations.Nullable;

/// One attempt of one task. Owner loop only; deaf once it has ended.
final class Run<W, E> implements AttemptListener<E> {
  final Job<W, E> job;
  final Desk<W, E> desk;
  final Assignment assignment;
  final long startedNanos;

  /// Where it runs, as it was known when it started.
  final Fit.Place place;

  /// What was expected of it.
  final Prediction prediction;

  /// Tokens of its prompt that are not in the engine's cache, and of its answer, as expected.
  final double readTokens;

  final double writeTokens;

  /// Tokens in one of its pieces, as expected.
  final double perPiece;

  /// What {@link Desk#stretch} was when it started.
  final double stretch;

  /// When it ended; only then of use.
  long endedNanos;

  Engine.@Nullable Attempt attempt;
  boolean ended;

  /// Whether its engine was found not to answer any more.
  boolean lost;

  int events;
  long firstNanos;
  long lastNanos;

  /// Since when the engine owes a piece.
  long quietSince;

  Time.@Nullable Timer watchdog;

  /// Fires when its answer is late; see {@link Hedges}.
  Time.@Nullable Timer late;

  private final Course<W, E> course;

  Run(
      Course<W, E> course,
      Job<W, E> job,
      Floor.Choice<W, E> choice,
      Assignment assignment,
      long now) {
    this.course = course;
    this.job = job;
    this.desk = choice.desk();
    this.place = choice.place();
    this.prediction = choice.prediction();
    this.readTokens = choice.prediction().readTokens();
    this.writeTokens = choice.prediction().writeTokens();
    this.stretch = desk.stretch();
    this.perPiece = choice.prediction().tokensPerPiece();
    this.assignment = assignment;
    this.startedNanos = now;
    this.quietSince = now;
  }

  @Override
  public void event(E event) {
    course.event(this, event);
  }

  @Override
  public void done(AnswerUsage usage) {
    course.done(this, usage);
  }

  @Override
  public void failed(Failure failure) {
    course.failed(this, failure);
  }

  /// Tokens of its prompt that were read between two moments, as if it went on evenly.
  double readBetween(long from, long to, long now) {
    long until = events > 0 ? firstNanos : ended ? endedNanos : Math.max(now, expectedFirst());
    return readTokens * share(startedNanos, until, from, to);
  }

  /// Tokens of its answer that were written between two moments, as if it went on evenly.
  double writtenBetween(long from, long to, long now) {
    if (events == 0) {
      return 0;
    }
    return events * perPiece * share(firstNanos, ended ? endedNanos : now, from, to);
  }

  private long expectedFirst() {
    return startedNanos + (long) ((prediction.firstMillis() - prediction.waitMillis()) * 1e6);
  }

  /// How much of one stretch of time lies in another.
  private static double share(long start, long end, long from, long to) {
    double overlap = Math.min(end, to) - Math.max(start, from);
    return overlap <= 0 ? 0 : end <= start ? 1 : Math.min(1, overlap / (end - start));
  }

  /// Whether it has brought that model into memory, or is about to, with at least so much context.
  boolean hasLoaded(ModelName model, int contextTokens) {
    return assignment.model().equals(model)
        && job.task.type() != TaskType.COUNT
        && job.shape.contextTokens() >= contextTokens;
  }

  /// Milliseconds between two pieces; only with two or more.
  double perEventMillis() {
    return (lastNanos - firstNanos) / 1e6 / (events - 1);
  }

  /// Makes the engine stop.
  void stop() {
    Engine.Attempt running = attempt;
    if (running != null) {
      running.cancel();
    }
  }
}
