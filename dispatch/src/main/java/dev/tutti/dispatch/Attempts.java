package dev.tutti.dispatch;

import dev.tutti.core.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Begins attempts and takes them off the books. A task has one, or for a while two: its own and
/// one beside it that may overtake it, see {@link Hedges}. Owner loop only.
final class Attempts<W, E> {
  private final Course<W, E> course;
  private final Time time;
  private final DispatchEvents events;
  private final Floor<W, E> floor;
  private final Outlook<W, E> outlook;
  private final Reasons<W, E> reasons;
  private final Gauge<W, E> gauge;
  private final Watchdog<W, E> watchdog;
  private final Hedges<W, E> hedges;

  Attempts(
      Course<W, E> course,
      Time time,
      DispatchEvents events,
      Floor<W, E> floor,
      Outlook<W, E> outlook,
      Gauge<W, E> gauge,
      Watchdog<W, E> watchdog,
      Hedges<W, E> hedges) {
    this.course = course;
    this.time = time;
    this.events = events;
    this.floor = floor;
    this.outlook = outlook;
    this.reasons = new Reasons<>(floor, outlook);
    this.gauge = gauge;
    this.watchdog = watchdog;
    this.hedges = hedges;
  }

  /// Starts an attempt: the task's own, or one beside it.
  Run<W, E> start(Job<W, E> job, Floor.Choice<W, E> choice, boolean beside) {
    job.attempts++;
    Candidate candidate = choice.candidate();
    Engine<W, E> engine = choice.desk().engine;
    if (engine == null) {
      throw new IllegalStateException("engine of " + candidate.backend() + " (expected: attached)");
    }
    Continuable.Rest<W> rest = job.rest;
    Task<W> asked = rest == null ? job.task : job.task.with(rest.work());
    Task<W> task = asked.forModel(candidate.model());
    var assignment =
        new Assignment(
            job.attempts,
            candidate.node(),
            candidate.backend(),
            candidate.model(),
            Duration.ofNanos(job.queuedNanos),
            reasons.of(job, choice, engine.terms(task), beside),
            candidate.simulated());
    var run = new Run<W, E>(course, job, choice, assignment, time.nanos());
    if (beside) {
      job.rival = run;
    } else {
      job.run = run;
    }
    floor.begin(run);
    gauge.watch();
    outlook.begun(run);
    run.attempt = engine.start(task, run);
    if (job.paused) {
      run.attempt.pause();
    }
    watchdog.watch(run);
    events.taskAssigned(job.task, assignment);
    return run;
  }

  /// The other attempt of the same task, if there are two.
  @Nullable Run<W, E> other(Run<W, E> run) {
    Run<W, E> rival = run.job.rival;
    return rival == run ? run.job.run : rival;
  }

  /// The attempt is the task's only one from now on.
  void takeOver(Run<W, E> run) {
    Job<W, E> job = run.job;
    boolean isNew = job.run != run;
    job.rival = null;
    job.run = run;
    if (isNew) {
      course.tellAssigned(run);
    }
  }

  /// An attempt is over, whether its engine said so or we did. Its slot comes back when the engine
  /// says so.
  void end(Run<W, E> run) {
    run.ended = true;
    watchdog.leave(run);
    hedges.ended(run);
    floor.end(run, time.nanos());
    gauge.ended();
  }
}
