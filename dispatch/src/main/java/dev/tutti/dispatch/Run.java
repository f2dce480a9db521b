package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.Time;
import org.jspecify.annotations.Nullable;

/// One attempt of one task. Owner loop only; deaf once it has ended.
final class Run<W, E> implements AttemptListener<E> {
  final Job<W, E> job;
  final Desk<W, E> desk;
  final Assignment assignment;
  final long startedNanos;
  Engine.@Nullable Attempt attempt;
  boolean ended;
  int events;
  long firstNanos;
  long lastNanos;

  /// Since when the engine owes a piece.
  long quietSince;

  Time.@Nullable Timer watchdog;

  private final Course<W, E> course;

  Run(Course<W, E> course, Job<W, E> job, Desk<W, E> desk, Assignment assignment, long now) {
    this.course = course;
    this.job = job;
    this.desk = desk;
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
