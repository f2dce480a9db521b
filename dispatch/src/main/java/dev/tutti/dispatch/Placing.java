package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.dispatch.Job.Stage;
import dev.tutti.dispatch.predict.Honesty;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Finds a task its place: at once, when its turn comes, or rather later. Owner loop only.
final class Placing<W, E> {
  /// Between two looks at whether waiting for a busy engine is still better than a free one, in
  /// milliseconds.
  private static final double LEAST_LOOK_AGAIN = 100;

  private static final double MOST_LOOK_AGAIN = 5_000;

  private final Time time;
  private final Floor<W, E> floor;
  private final WaitingQueue<W, E> queue;
  private final Outlook<W, E> outlook;
  private final Planner<W, E> planner;
  private final Estimator<W, E> estimator;
  private final BiConsumer<Job<W, E>, Floor.Choice<W, E>> begin;
  private final Runnable lookAgain;
  private boolean lookingAgain;

  /// @param begin starts an attempt
  /// @param lookAgain has all who wait looked at again
  Placing(
      Time time,
      Floor<W, E> floor,
      WaitingQueue<W, E> queue,
      Outlook<W, E> outlook,
      BiConsumer<Job<W, E>, Floor.Choice<W, E>> begin,
      Runnable lookAgain) {
    this.time = time;
    this.floor = floor;
    this.queue = queue;
    this.outlook = outlook;
    this.planner = new Planner<>(floor, outlook);
    this.estimator = new Estimator<>(planner);
    this.begin = begin;
    this.lookAgain = lookAgain;
  }

  /// Starts an attempt if there is a free place.
  boolean place(Job<W, E> job) {
    if (!(floor.index().fit(job.shape) instanceof Fit.Places places)) {
      return false;
    }
    if (floor.strategy().waits()) {
      return placeByPlan(job);
    }
    Optional<Floor.Choice<W, E>> choice = floor.best(job, places);
    choice.ifPresent(found -> begin.accept(job, predicted(job, found)));
    return choice.isPresent();
  }

  /// Starts the task if it does best to start now, with those that wait before it in their places;
  /// or if there is a free place and its time to wait is shorter than the wait.
  private boolean placeByPlan(Job<W, E> job) {
    if (floor.openSlots(1) == 0) {
      return false;
    }
    queue.giveTurn(job);
    Planner<W, E>.Play play = planner.play(time.nanos());
    int played = 0;
    for (Job<W, E> ahead : queue.order()) {
      if (Job.ORDER.compare(ahead, job) > 0 || ++played > Planner.LOOKAHEAD) {
        break;
      }
      play.next(ahead);
    }
    Planner.Step step = play.look(job.task, job.shape, job.tried);
    if (step != null && !step.startsNow() && step.prediction().waitMillis() > patienceMillis(job)) {
      step = play.lookNow(job);
    }
    if (step == null || !step.startsNow()) {
      return false;
    }
    begin.accept(job, choice(step));
    return true;
  }

  private static double patienceMillis(Job<?, ?> job) {
    return job.patience().toNanos() / 1e6;
  }

  /// Starts the waiting tasks that do best to start now.
  void plan() {
    if (queue.size() == 0 || floor.openSlots(1) == 0) {
      return;
    }
    Planner.Plan<W, E> plan = planner.plan(queue.order(), time.nanos());
    for (Planner.Start<W, E> start : plan.starts()) {
      Desk<W, E> desk = floor.desk(start.step().place().backend().id());
      if (start.job().stage == Stage.QUEUED && desk != null && desk.isOpen()) {
        begin.accept(start.job(), choice(start.step()));
      }
    }
    if (plan.heldMillis() >= 0 && !lookingAgain) {
      lookingAgain = true;
      double wait = Math.clamp(plan.heldMillis() / 2, LEAST_LOOK_AGAIN, MOST_LOOK_AGAIN);
      time.after(Duration.ofNanos((long) (wait * 1e6)), this::again);
    }
  }

  private void again() {
    lookingAgain = false;
    lookAgain.run();
  }

  private Floor.Choice<W, E> choice(Planner.Step step) {
    Desk<W, E> desk = floor.openDesk(step.place().backend().id());
    return new Floor.Choice<>(
        floor.candidate(step.place(), desk, step.prediction()),
        desk,
        step.place(),
        step.prediction(),
        step.places());
  }

  /// What is expected is also asked where it did not decide: the estimates need it.
  private Floor.Choice<W, E> predicted(Job<W, E> job, Floor.Choice<W, E> choice) {
    Prediction prediction =
        outlook.in(
            choice.place(),
            outlook.demand(job.task, choice.candidate().model()),
            0,
            planner.play(time.nanos()).company(choice.place(), 0),
            choice.desk().stretch());
    return new Floor.Choice<>(
        choice.candidate(), choice.desk(), choice.place(), prediction, choice.count());
  }

  /// How long a task waits behind those `ahead`, which are in order.
  WaitEstimate estimate(Task<W> task, Collection<Job<W, E>> ahead) {
    return estimator.estimate(task, Shape.of(task), ahead, time.nanos());
  }

  /// How the predictions for that model came out lately.
  Honesty.Verdict honesty(ModelName model) {
    return outlook.honesty(model);
  }

  /// What a task is worth in fairness.
  double work(Task<W> task) {
    return outlook.work(task);
  }

  /// Every place with a fitting model, with what is expected there.
  List<Explanation.Place> explain(Task<W> task, Fit.Places places) {
    Planner<W, E>.Play play = planner.play(time.nanos());
    queue.order().forEach(play::next);
    return floor.explain(TaskFacts.of(task), places, place -> play.in(place, task));
  }

  /// A task's wait has come to its end.
  void waited(Job<W, E> job) {
    if (job.expectedWait >= 0) {
      estimator.waited(job.expectedWait, job.queuedNanos / 1e6);
      job.expectedWait = -1;
    }
  }
}
