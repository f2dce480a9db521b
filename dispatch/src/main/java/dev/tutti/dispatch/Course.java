package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.dispatch.Admission.Refusal;
import dev.tutti.dispatch.Job.Stage;
import dev.tutti.dispatch.predict.Foresight;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The course of each task: waiting, attempts one after the other, and its one end. Owner loop
/// only.
final class Course<W, E> {
  private static final Logger log = LoggerFactory.getLogger(Course.class);

  private final Time time;
  private final DispatchLimits limits;
  private final DispatchEvents events;
  private final Floor<W, E> floor;
  private final Outlook<W, E> outlook;
  private final Placing<W, E> placing;
  private final WaitingQueue<W, E> queue = new WaitingQueue<>();
  private final Ledger<W, E> ledger;
  private final Watchdog<W, E> watchdog;
  private final Usher<W, E> usher;
  private final Gauge<W, E> gauge;
  private final CloudGate<W, E> clouds;
  private final Turn turn;
  private final Admission<W, E> admission;
  private final RetryBudget budget = new RetryBudget();
  private final Elsewhere<W, E> elsewhere;
  private final Quarantine quarantine;
  private final Function<W, String> likeness;
  private int toldWaiting;

  /// The arrival that comes next.
  private long arrivals;

  /// @param likeness what all work has in common that is to count as the same; empty for what is
  ///   like nothing else
  Course(
      Time time,
      DispatchLimits limits,
      DispatchEvents events,
      Floor<W, E> floor,
      Foresight<W> foresight,
      Function<W, String> likeness) {
    this.time = time;
    this.limits = limits;
    this.events = events;
    this.floor = floor;
    this.outlook = new Outlook<>(foresight);
    this.placing = new Placing<>(time, floor, queue, outlook, this::begin, this::lookAgain);
    this.admission = new Admission<>(time, limits.maxQueued(), floor, queue, placing);
    this.ledger = new Ledger<>(limits.finishedKept());
    this.watchdog = new Watchdog<>(time, limits, this::stop);
    this.usher = new Usher<>(floor, queue, placing::place, placing::plan);
    this.gauge = new Gauge<>(time, events, floor);
    this.turn = new Turn(this::settle);
    this.clouds = new CloudGate<>(time, floor, queue, placing, turn, this::begin);
    this.quarantine = new Quarantine(time, floor::isAway);
    this.elsewhere = new Elsewhere<>(limits, floor, budget);
    this.likeness = likeness;
  }

  Turn turn() {
    return turn;
  }

  WaitingQueue<W, E> queue() {
    return queue;
  }

  Ledger<W, E> ledger() {
    return ledger;
  }

  Usher<W, E> usher() {
    return usher;
  }

  Placing<W, E> placing() {
    return placing;
  }

  Elsewhere<W, E> elsewhere() {
    return elsewhere;
  }

  boolean isOverloaded() {
    return admission.isOverloaded();
  }

  private void lookAgain() {
    turn.enter();
    usher.lookAtAll();
    turn.leave();
  }

  private void settle() {
    usher.settle();
    if (admission.look(arrivals)) {
      events.overloaded(admission.isOverloaded());
    }
    for (var shed = admission.toShed(); !shed.isEmpty(); shed = admission.toShed()) {
      shed.forEach(job -> turnAway(job, Refusal.SHED));
      usher.settle();
    }
    if (toldWaiting != queue.size()) {
      toldWaiting = queue.size();
      events.queueChanged(toldWaiting);
    }
  }

  // ---- from submission to a slot

  void submit(Job<W, E> job) {
    arrivals = job.arrival + 1;
    ledger.open(job);
    arrive(job);
  }

  private void arrive(Job<W, E> job) {
    Quarantine.Verdict verdict = quarantine.isEmpty() ? Quarantine.Verdict.FREE : verdict(job);
    switch (verdict) {
      case POISONED -> finish(job, Outcome.REFUSED, Quarantine.refusal(), AnswerUsage.UNKNOWN);
      case OPEN -> hold(job, () -> arrive(job), () -> refuseBusy(job, Refusal.BUSY));
      case FREE -> take(job);
    }
  }

  private void take(Job<W, E> job) {
    switch (floor.index().fit(job.shape)) {
      case Fit.Refused(Failure why) -> finish(job, Outcome.REFUSED, why, AnswerUsage.UNKNOWN);
      case Fit.Places _ -> {
        if (!placing.place(job) && !clouds.place(job)) {
          Refusal refusal = mayNotWait(job);
          if (refusal == null) {
            enqueue(job);
          } else {
            refuseBusy(job, refusal);
          }
        }
      }
    }
  }

  /// Why a task that has just come may not wait; null when it may.
  private @Nullable Refusal mayNotWait(Job<W, E> job) {
    return job.patience().isPositive()
        ? admission.refuses(job, other -> turnAway(other, Refusal.NO_ROOM))
        : Refusal.BUSY;
  }

  /// A task that waits is turned away before its time.
  private void turnAway(Job<W, E> job, Refusal refusal) {
    if (job.stage == Stage.QUEUED) {
      WaitEstimate more = placing.estimate(job);
      leaveQueue(job);
      if (refusal == Refusal.NO_ROOM) {
        placing.waited(job, more.rawMillis());
      }
      refuseBusy(job, refusal, more);
    }
  }

  /// Has a task wait. One that comes back after a failed attempt always finds room: there are no
  /// more of those than slots.
  private boolean enqueue(Job<W, E> job) {
    Duration patience = job.patience();
    if (!patience.isPositive()) {
      return false;
    }
    job.stage = Stage.QUEUED;
    job.queuedSince = time.nanos();
    job.expiry = time.after(patience, () -> expire(job));
    queue.add(job);
    clouds.watch();
    if (floor.strategy().waits()) {
      // It may be before others now, and there may be a place that they did not want.
      usher.lookAtAll();
    }
    int position = queue.position(job);
    WaitEstimate expected = job.foreseen == null ? placing.estimate(job) : job.foreseen;
    events.taskQueued(job.task, position, expected);
    if (!job.wasQueued && job.stage == Stage.QUEUED) {
      job.wasQueued = true;
      if (job.attempts == 0) {
        placing.came(job);
      }
      guarded(job, () -> job.listener.queued(position, expected));
    }
    if (job.attempts > 0 && job.stage == Stage.QUEUED) {
      guarded(job, job.listener::waitsAgain);
    }
    return true;
  }

  private void leaveQueue(Job<W, E> job) {
    if (job.stage == Stage.QUEUED) {
      queue.remove(job);
    }
    if (job.stage == Stage.QUEUED || job.stage == Stage.HELD) {
      job.queuedNanos += time.nanos() - job.queuedSince;
      job.stage = Stage.DECIDING;
      Time.Timer expiry = job.expiry;
      if (expiry != null) {
        expiry.cancel();
      }
    }
  }

  /// Puts a task that may not start just now aside for a moment, if it has the time.
  ///
  /// @param next what is done then
  /// @param noTime what is done instead when its time to wait is over
  private void hold(Job<W, E> job, Runnable next, Runnable noTime) {
    if (!job.patience().isPositive()) {
      noTime.run();
      return;
    }
    job.stage = Stage.HELD;
    job.queuedSince = time.nanos();
    job.expiry =
        time.after(
            budget.again(),
            () -> {
              turn.enter();
              try {
                leaveQueue(job);
                next.run();
              } finally {
                turn.leave();
              }
            });
    if (job.attempts > 0) {
      guarded(job, job.listener::waitsAgain);
    }
  }

  private void expire(Job<W, E> job) {
    if (job.stage != Stage.QUEUED) {
      return;
    }
    turn.enter();
    try {
      WaitEstimate more = placing.estimate(job);
      leaveQueue(job);
      placing.waited(job, more.rawMillis());
      admission.turnedAway(job);
      refuseBusy(job, Refusal.BUSY, more);
    } finally {
      turn.leave();
    }
  }

  private void refuseBusy(Job<W, E> job, Refusal refusal) {
    WaitEstimate foreseen = job.wasQueued ? null : job.foreseen;
    refuseBusy(job, refusal, foreseen == null ? placing.estimate(job) : foreseen);
  }

  private void refuseBusy(Job<W, E> job, Refusal refusal, WaitEstimate wait) {
    if (job.written) {
      var brokenOff =
          Failure.of(
              FailureCode.BROKEN_STREAM,
              Retry.UNSAFE_MAY_HAVE_ACTED,
              "the answer broke off, and nobody could go on with it in time");
      finish(job, Outcome.FAILED, brokenOff, AnswerUsage.UNKNOWN);
      return;
    }
    boolean anybody =
        floor.index().fit(job.shape) instanceof Fit.Places places && !places.live().isEmpty();
    String who = "every backend with \"" + job.task.model() + "\" is ";
    var failure =
        Failure.of(
            FailureCode.BUSY,
            Retry.SAFE_NOT_STARTED,
            who + (anybody ? "busy" + refusal.words : "down") + ", try again later");
    finish(
        job,
        job.attempts == 0 ? Outcome.REFUSED : Outcome.FAILED,
        failure.retryAfter(anybody ? wait.likely() : DispatchLimits.COME_BACK),
        AnswerUsage.UNKNOWN);
  }

  // ---- attempts

  private void begin(Job<W, E> job, Floor.Choice<W, E> choice) {
    leaveQueue(job);
    queue.serve(job);
    if (job.wasQueued) {
      placing.started(job);
    } else if (job.attempts == 0) {
      placing.came(job);
    }
    job.stage = Stage.RUNNING;
    job.attempts++;
    Candidate candidate = choice.candidate();
    Engine<W, E> engine = choice.desk().engine;
    if (engine == null) {
      throw new IllegalStateException("engine of " + candidate.backend() + " (expected: attached)");
    }
    Continuable.Rest<W> rest = job.rest;
    Task<W> asked = rest == null ? job.task : job.task.with(rest.work());
    Task<W> task = asked.forModel(candidate.model());
    String brokeOff = rest == null || job.run == null ? "" : Reason.brokeOff(job.run);
    var assignment =
        new Assignment(
            job.attempts,
            candidate.node(),
            candidate.backend(),
            candidate.model(),
            Duration.ofNanos(job.queuedNanos),
            Reason.of(
                    floor.strategy(),
                    choice,
                    outlook.isBeaten(job.task.model()),
                    engine.terms(task),
                    job.task)
                + brokeOff,
            candidate.simulated());
    job.identity = candidate.facts().identity();
    var run = new Run<W, E>(this, job, choice, assignment, time.nanos());
    job.run = run;
    floor.begin(run);
    gauge.watch();
    outlook.begun(run);
    run.attempt = engine.start(task, run);
    if (job.paused) {
      run.attempt.pause();
    }
    watchdog.watch(run);
    events.taskAssigned(job.task, assignment);
    if (!run.ended) {
      guarded(
          job,
          () -> {
            if (rest == null) {
              job.listener.assigned(assignment);
            } else {
              job.continuable.continued(assignment);
            }
          });
    }
  }

  void event(Run<W, E> run, E event) {
    if (run.ended) {
      return;
    }
    long now = time.nanos();
    if (run.events++ == 0) {
      run.firstNanos = now;
    }
    long before = run.lastNanos;
    run.lastNanos = now;
    run.quietSince = now;
    turn.enter();
    try {
      gauge.event(run, before, now);
      Job<W, E> job = run.job;
      guarded(job, () -> job.written |= job.listener.event(event));
    } finally {
      turn.leave();
    }
  }

  void done(Run<W, E> run, AnswerUsage usage) {
    if (run.ended) {
      return;
    }
    turn.enter();
    try {
      end(run);
      gauge.served(run, usage);
      if (run.job.task.type().teaches()) {
        // How fast an engine counts says nothing about how fast it answers.
        outlook.learn(run, usage, time.nanos());
      }
      Continuable.Rest<W> rest = run.job.rest;
      finish(run.job, Outcome.DONE, null, rest == null ? usage : rest.inAll(usage));
    } finally {
      turn.leave();
    }
  }

  /// An attempt failed: again elsewhere, back to the queue, or the end.
  void failed(Run<W, E> run, Failure failure) {
    if (run.ended) {
      return;
    }
    turn.enter();
    try {
      Job<W, E> job = run.job;
      end(run);
      job.stage = Stage.DECIDING;
      events.attemptFailed(job.task.id(), run.desk.id, failure);
      if (job.stage == Stage.ENDED) {
        return;
      }
      if (EngineFault.isRefusal(failure)) {
        rest(run.desk);
      }
      if (EngineFault.isSignOfDeath(failure) && !run.desk.closed) {
        verdict(job);
        quarantine.struck(job.likeness, run.assignment.node(), run.desk.id);
      }
      retry(job, run, failure);
    } finally {
      turn.leave();
    }
  }

  /// Decides what becomes of a task whose attempt failed, now or a moment later.
  private void retry(Job<W, E> job, Run<W, E> run, Failure failure) {
    Quarantine.Verdict verdict = quarantine.verdict(job.likeness);
    if (verdict == Quarantine.Verdict.POISONED) {
      finish(job, Outcome.FAILED, Quarantine.refusal(), AnswerUsage.UNKNOWN);
      return;
    }
    boolean may = elsewhere.may(run, failure);
    if (may && (verdict == Quarantine.Verdict.OPEN || elsewhere.exceedsBudget(run, failure))) {
      hold(job, () -> retry(job, run, failure), () -> giveUp(job, failure));
    } else if (!may || !(job.written ? goesOn(job, run, failure) : again(job, run, failure))) {
      giveUp(job, failure);
    }
  }

  private void giveUp(Job<W, E> job, Failure failure) {
    Failure told = job.written ? EngineFault.broken(failure) : withWait(job, failure);
    finish(job, Outcome.FAILED, told, AnswerUsage.UNKNOWN);
  }

  private Quarantine.Verdict verdict(Job<W, E> job) {
    if (job.likeness.isEmpty()) {
      job.likeness = likeness.apply(job.task.work());
    }
    return quarantine.verdict(job.likeness);
  }

  private boolean again(Job<W, E> job, Run<W, E> run, Failure failure) {
    job.onlyRefused &= EngineFault.isRefusal(failure);
    return elsewhere(job, run, failure, EngineFault.isRefusal(failure));
  }

  /// After something was written: another engine goes on where the answer broke off, if it can do
  /// so exactly. The engine that failed may do it itself once it is back, when there is nobody
  /// else.
  private boolean goesOn(Job<W, E> job, Run<W, E> run, Failure failure) {
    if (failure.code() == FailureCode.INTERNAL || job.identity.isEmpty()) {
      return false;
    }
    Optional<Continuable.Rest<W>> rest = job.continuable.rest();
    if (rest.isEmpty()) {
      return false;
    }
    Shape narrower = job.shape.continuing(run.assignment.model(), job.identity);
    if (!(floor.index().fit(narrower) instanceof Fit.Places places) || places.all().isEmpty()) {
      return false;
    }
    job.shape = narrower;
    job.rest = rest.get();
    job.onlyRefused = true;
    // The others come first, and by then it is known whether this one still lives.
    rest(run.desk);
    return elsewhere(job, run, failure, true);
  }

  /// @param sameAgain whether the one that failed may be asked again where all the others are gone
  private boolean elsewhere(Job<W, E> job, Run<W, E> run, Failure failure, boolean sameAgain) {
    if (failure.code() != FailureCode.ENGINE_BUSY) {
      job.addTried(run.desk.id);
      job.shape = job.shape.afterFailure();
      floor.avoid(job, run.assignment.node());
    }
    if (placing.place(job)) {
      return true;
    }
    boolean others = floor.hasOthers(job.shape, job.tried);
    Shape everywhere = job.shape.reaching(Shape.Reach.EVERYWHERE);
    if (!others && floor.hasOthers(everywhere, job.tried)) {
      // Whoever's turn it was has failed, so it is the next pool's.
      job.shape = everywhere;
      if (placing.place(job)) {
        return true;
      }
      others = true;
    }
    if (!others && !sameAgain) {
      return false;
    }
    if (!others) {
      // Nobody else is left, so the one that was away is worth waiting for.
      job.tried = Set.of();
      usher.lookAtAll();
    }
    return enqueue(job);
  }

  /// Who is told that an engine is busy is told when to come back, by the engine or by us.
  private Failure withWait(Job<W, E> job, Failure failure) {
    return failure.code() == FailureCode.ENGINE_BUSY && failure.retryAfterIfAny().isEmpty()
        ? failure.retryAfter(placing.estimate(job).likely())
        : failure;
  }

  private void rest(Desk<W, E> desk) {
    if (!desk.resting && !desk.closed) {
      desk.resting = true;
      time.after(
          DispatchLimits.REST,
          () -> {
            turn.enter();
            desk.resting = false;
            usher.slotOpened(desk);
            turn.leave();
          });
    }
  }

  private void end(Run<W, E> run) {
    run.ended = true;
    watchdog.leave(run);
    floor.end(run, time.nanos());
    budget.giveBack(run.job);
    gauge.ended();
    if (floor.isLimited(run.desk.id)) {
      // The slot may have been back before, when it could not be used yet.
      usher.slotOpened(run.desk);
    }
  }

  /// Ends an attempt from our side as failed.
  void stop(Run<W, E> run, Failure failure) {
    turn.enter();
    try {
      run.stop();
      failed(run, failure);
    } finally {
      turn.leave();
    }
  }

  // ---- the end

  /// The client went away: its listener hears nothing more.
  void cancel(Job<W, E> job) {
    if (job.stage == Stage.ENDED) {
      return;
    }
    turn.enter();
    try {
      letGo(job);
      finish(job, Outcome.CANCELLED, null, AnswerUsage.UNKNOWN);
    } finally {
      turn.leave();
    }
  }

  /// Somebody else than the client ends it: the client is told.
  void abort(Job<W, E> job, Failure failure) {
    if (job.stage == Stage.ENDED) {
      return;
    }
    turn.enter();
    try {
      letGo(job);
      finish(job, Outcome.FAILED, failure, AnswerUsage.UNKNOWN);
    } finally {
      turn.leave();
    }
  }

  private void letGo(Job<W, E> job) {
    leaveQueue(job);
    Run<W, E> run = job.run;
    if (run != null && !run.ended) {
      end(run);
      run.stop();
    }
  }

  private void finish(
      Job<W, E> job, Outcome outcome, @Nullable Failure failure, AnswerUsage usage) {
    job.stage = Stage.ENDED;
    budget.giveBack(job);
    if (job.attempts == 0) {
      queue.giveUp(job);
    }
    TaskRecord ended = ledger.close(job, outcome, failure, usage, time.nanos());
    if (outcome == Outcome.DONE) {
      guarded(job, () -> job.listener.done(usage));
    } else if (failure != null) {
      guarded(job, () -> job.listener.failed(failure));
    }
    events.taskFinished(job.task, ended);
  }

  /// Calls a listener; its fault, or an answer that it cannot tell, ends its own task and nobody
  /// else's.
  private void guarded(Job<W, E> job, Runnable call) {
    try {
      call.run();
    } catch (MeshException cannotBeTold) {
      if (job.stage != Stage.ENDED) {
        abort(job, cannotBeTold.failure());
      }
    } catch (RuntimeException bug) {
      log.error("A task's listener failed. task={}", job.task.id(), bug);
      if (job.stage != Stage.ENDED) {
        abort(job, Failure.of(FailureCode.INTERNAL, Retry.POINTLESS, "internal error"));
      }
    }
  }
}
