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
  private final DispatchEvents events;
  private final Floor<W, E> floor;
  private final Outlook<W, E> outlook;
  private final Hedges<W, E> hedges;
  private final Placing<W, E> placing;
  private final WaitingQueue<W, E> queue = new WaitingQueue<>();
  private final Ledger<W, E> ledger;
  private final Attempts<W, E> attempts;
  private final Usher<W, E> usher;
  private final Gauge<W, E> gauge;
  private final CloudGate<W, E> clouds;
  private final Turn turn;
  private final Admission<W, E> admission;
  private final RetryBudget budget;
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
    this.events = events;
    this.floor = floor;
    this.outlook = new Outlook<>(foresight, floor, time);
    this.hedges = new Hedges<>(time, floor, outlook, this::askSecond);
    this.placing = new Placing<>(time, floor, queue, outlook, this::begin, this::lookAgain);
    this.admission = new Admission<>(time, limits.maxQueued(), floor, queue, placing);
    this.ledger = new Ledger<>(limits.finishedKept());
    this.usher = new Usher<>(floor, queue, placing::place, placing::plan);
    this.gauge = new Gauge<>(time, events, floor);
    var watchdog = new Watchdog<W, E>(time, limits, this::stop);
    this.attempts = new Attempts<>(this, time, events, floor, outlook, gauge, watchdog, hedges);
    this.turn = new Turn(this::settle);
    this.clouds = new CloudGate<>(time, floor, queue, placing, turn, this::begin);
    this.quarantine = new Quarantine(time, floor::isAway);
    this.budget = new RetryBudget(time.nanos());
    this.elsewhere = new Elsewhere<>(time, limits, floor, queue, budget);
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

  Hedges<W, E> hedges() {
    return hedges;
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
    Quarantine.Verdict verdict =
        quarantine.isEmpty() ? Quarantine.Verdict.FREE : quarantine.verdict(likeness(job));
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
    boolean begun = job.written || job.attempts > 0;
    Failure told = admission.failure(job, refusal, wait);
    finish(job, begun ? Outcome.FAILED : Outcome.REFUSED, told, AnswerUsage.UNKNOWN);
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
    if (job.attempts == 0) {
      budget.begun();
    }
    job.stage = Stage.RUNNING;
    Run<W, E> run = attempts.start(job, choice, false);
    job.identity = choice.candidate().facts().identity();
    hedges.begun(run);
    tellAssigned(run);
  }

  /// The client hears that the answer comes from this attempt, unless it is over already.
  void tellAssigned(Run<W, E> run) {
    Job<W, E> job = run.job;
    if (run.ended) {
      return;
    }
    guarded(
        job,
        () -> {
          if (job.rest == null) {
            job.listener.assigned(run.assignment);
          } else {
            job.continuable.continued(run.assignment);
          }
        });
  }

  /// An answer is late: somebody idle is asked as well.
  private void askSecond(Run<W, E> late) {
    turn.enter();
    try {
      hedges.second(late, queue.size()).ifPresent(choice -> attempts.start(late.job, choice, true));
    } finally {
      turn.leave();
    }
  }

  /// An attempt is the first of its task to say anything, so it is the one that counts.
  ///
  /// @return whether it still runs
  private boolean answered(Run<W, E> run) {
    hedges.answered(run);
    Run<W, E> loser = attempts.other(run);
    if (loser != null) {
      letGo(loser);
      attempts.takeOver(run);
    }
    return !run.ended;
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
      if (run.events == 1 && !answered(run)) {
        return;
      }
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
      if (run.events == 0 && !answered(run)) {
        return;
      }
      end(run);
      gauge.served(run, usage);
      if (run.job.task.type().isAnswered()) {
        // How fast an engine counts says nothing about how fast it answers.
        outlook.learn(run, usage, time.nanos());
      }
      if (!quarantine.isEmpty()) {
        quarantine.acquit(likeness(run.job));
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
      Run<W, E> other = attempts.other(run);
      end(run);
      job.stage = other == null ? Stage.DECIDING : job.stage;
      events.attemptFailed(job.task.id(), run.desk.id, failure);
      if (job.stage == Stage.ENDED) {
        return;
      }
      if (EngineFault.isRefusal(failure) || run.desk.errsAgain(failure)) {
        usher.rest(run.desk, time, turn);
      }
      if (EngineFault.isSignOfDeath(failure) && !run.desk.closed) {
        quarantine.struck(likeness(job), run.assignment.node(), run.desk.id);
      }
      if (other == null) {
        retry(job, run, failure);
      } else {
        job.addTried(run.desk.id);
        attempts.takeOver(other);
      }
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

  private String likeness(Job<W, E> job) {
    if (job.likeness.isEmpty()) {
      job.likeness = likeness.apply(job.task.work());
    }
    return job.likeness;
  }

  private boolean again(Job<W, E> job, Run<W, E> run, Failure failure) {
    job.onlyRefused &= EngineFault.isRefusal(failure);
    return elsewhere(job, run, failure, EngineFault.isRefusal(failure));
  }

  private boolean goesOn(Job<W, E> job, Run<W, E> run, Failure failure) {
    if (!elsewhere.mayGoOn(run, failure)) {
      return false;
    }
    // The others come first, and by then it is known whether this one still lives.
    usher.rest(run.desk, time, turn);
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

  private void end(Run<W, E> run) {
    attempts.end(run);
    budget.giveBack(run.job);
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
    letGo(job.run);
    letGo(job.rival);
    job.rival = null;
  }

  private void letGo(@Nullable Run<W, E> run) {
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
