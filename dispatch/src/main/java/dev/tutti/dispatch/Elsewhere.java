package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import java.util.HashSet;
import java.util.Optional;

/// Whether an attempt that failed, or whose engine does not answer any more, may be followed by one
/// elsewhere. Owner loop only.
final class Elsewhere<W, E> {
  private final Time time;
  private final DispatchLimits limits;
  private final Floor<W, E> floor;
  private final WaitingQueue<W, E> queue;
  private final RetryBudget budget;

  Elsewhere(
      Time time,
      DispatchLimits limits,
      Floor<W, E> floor,
      WaitingQueue<W, E> queue,
      RetryBudget budget) {
    this.time = time;
    this.limits = limits;
    this.floor = floor;
    this.queue = queue;
    this.budget = budget;
  }

  /// Whether there may be another attempt at all, whoever makes it.
  boolean may(Run<W, E> run, Failure failure) {
    boolean twice = failure.retry() == Retry.UNSAFE_MAY_HAVE_ACTED && countsEachTime(run);
    return failure.retry() != Retry.POINTLESS && run.job.attempts < limits.maxAttempts() && !twice;
  }

  /// Whether the engine may have begun what must not be begun twice: in the cloud each time costs
  /// money, unless the client named its request.
  private boolean countsEachTime(Run<W, E> run) {
    return floor.policy().isCloud(run.place.backend()) && !run.job.listener.mayBeDoneTwice();
  }

  /// Whether it has to wait until less is done for the second time. What an engine never began is
  /// no work done twice, and neither is what one had that does not answer any more: so much was
  /// asked for before it was gone.
  boolean exceedsBudget(Run<W, E> run, Failure failure) {
    return failure.retry() == Retry.UNSAFE_MAY_HAVE_ACTED
        && !run.lost
        && !budget.take(run.job, floor.active(), queue.size() > 0, time.nanos());
  }

  /// Whether somebody else could do it unseen by its client: begin anew, or go on where something
  /// was written.
  boolean isThere(Run<W, E> run) {
    Job<W, E> job = run.job;
    boolean may = job.attempts < limits.maxAttempts() && !countsEachTime(run);
    if (!may || (job.written && (job.identity.isEmpty() || job.continuable.rest().isEmpty()))) {
      return false;
    }
    Shape shape =
        job.written
            ? job.shape.continuing(run.assignment.model(), job.identity)
            : job.shape.afterFailure();
    var tried = new HashSet<>(job.tried);
    tried.add(run.desk.id);
    return floor.hasOthers(shape, tried);
  }

  /// After something was written: whether another engine may go on where the answer broke off, and
  /// could do so exactly; from then on the task is for such engines only. The one that failed may
  /// do it itself once it is back, when there is nobody else.
  boolean mayGoOn(Run<W, E> run, Failure failure) {
    Job<W, E> job = run.job;
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
    return true;
  }
}
