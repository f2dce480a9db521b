package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dispatch.predict.Experience;
import dev.tutti.dispatch.predict.Foresight;
import dev.tutti.dispatch.predict.Honesty;
import dev.tutti.fleet.FleetView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Gives tasks to engines: chooses, queues, fails over. Owner loop only: every call to it and every
/// call it makes is on that loop, and calls may nest.
///
/// A backend gets work when three things are so: the fleet says that it takes work, its engine is
/// attached, and its engine has opened a slot. See the module's `design.md`.
///
/// @param <W> the work
/// @param <E> a piece of an answer
public final class Dispatcher<W, E> {
  private final Time time;
  private final DispatchLimits limits;
  private final Floor<W, E> floor;
  private final Course<W, E> course;
  private long arrivals;

  /// A dispatcher with no engine and no task, that has learned nothing yet.
  ///
  /// @param fleet the fleet as it is now; read at each decision, so it must be cheap
  /// @param strategy how places are ranked, until {@link #setStrategy} says otherwise
  public Dispatcher(
      Time time,
      DispatchLimits limits,
      Supplier<FleetView> fleet,
      RoutingStrategy strategy,
      DispatchEvents events) {
    this(time, limits, fleet, strategy, events, new Experience<>());
  }

  /// A dispatcher with no engine and no task.
  ///
  /// @param fleet the fleet as it is now; read at each decision, so it must be cheap
  /// @param strategy how places are ranked, until {@link #setStrategy} says otherwise
  /// @param foresight what is expected of engines and tasks
  public Dispatcher(
      Time time,
      DispatchLimits limits,
      Supplier<FleetView> fleet,
      RoutingStrategy strategy,
      DispatchEvents events,
      Foresight<W> foresight) {
    this(time, limits, fleet, strategy, events, foresight, _ -> "");
  }

  /// The same with an eye on requests that kill engines.
  ///
  /// @param likeness what all work has in common that is to count as the same, asked only where an
  ///   engine died lately; empty for what is like nothing else
  public Dispatcher(
      Time time,
      DispatchLimits limits,
      Supplier<FleetView> fleet,
      RoutingStrategy strategy,
      DispatchEvents events,
      Foresight<W> foresight,
      Function<W, String> likeness) {
    this.time = time;
    this.limits = limits;
    this.floor = new Floor<>(fleet, strategy);
    this.course = new Course<>(time, limits, events, floor, foresight, likeness);
  }

  // ---- engines

  /// Where the backend's engine tells of its free slots. Whoever makes an engine asks for this
  /// first, then attaches the engine; slots may open before. After {@link #detach} or {@link
  /// #retire} the old listener is deaf and this gives a new one.
  ///
  /// `slotClosed` throws {@link IllegalStateException} when no slot was free.
  public Engine.SlotListener slots(BackendId id) {
    Desk<W, E> known = floor.desk(id);
    if (known != null && known.retiring) {
      floor.close(known);
    }
    Desk<W, E> desk = floor.openDesk(id);
    return new Engine.SlotListener() {
      @Override
      public void slotOpened() {
        if (!desk.closed) {
          turn(() -> {
            desk.slotOpened();
            course.usher().slotOpened(desk);
          });
        }
      }

      @Override
      public void slotClosed() {
        if (!desk.closed) {
          desk.slotClosed();
        }
      }
    };
  }

  /// Puts an engine in its backend's place. Throws {@link IllegalStateException} when one is there.
  public void attach(BackendId id, Engine<W, E> engine) {
    Desk<W, E> known = floor.desk(id);
    if (known != null && known.retiring) {
      floor.close(known);
    }
    Desk<W, E> desk = floor.openDesk(id);
    if (desk.engine != null) {
      throw new IllegalStateException("engine of " + id + ": attached (expected: none)");
    }
    desk.engine = engine;
    turn(() -> course.usher().slotOpened(desk));
  }

  /// The backend is gone: its attempts are cancelled and go elsewhere if they still may.
  public void detach(BackendId id) {
    Desk<W, E> desk = floor.desk(id);
    if (desk == null) {
      return;
    }
    turn(() -> {
      floor.close(desk);
      for (Run<W, E> run : new ArrayList<>(desk.runs)) {
        course.stop(
            run,
            Failure.of(
                FailureCode.ENGINE_UNREACHABLE,
                Retry.UNSAFE_MAY_HAVE_ACTED,
                "the backend " + id + " is gone"));
      }
    });
  }

  /// The backend does not answer: its attempts go elsewhere, where there is somebody else who can
  /// begin anew, or go on with what is written. What runs on is judged by its own silence.
  public void lost(BackendId id) {
    Desk<W, E> desk = floor.desk(id);
    if (desk == null) {
      return;
    }
    turn(() -> {
      for (Run<W, E> run : new ArrayList<>(desk.runs)) {
        if (!run.ended && course.elsewhere().isThere(run)) {
          run.lost = true;
          course.stop(
              run,
              Failure.of(
                  FailureCode.ENGINE_UNREACHABLE,
                  Retry.UNSAFE_MAY_HAVE_ACTED,
                  "the backend " + id + " is down"));
        }
      }
    });
  }

  /// The backend takes no more work, and its attempts finish: for an engine that is reached in
  /// another way from now on.
  public void retire(BackendId id) {
    Desk<W, E> desk = floor.desk(id);
    if (desk != null) {
      desk.retiring = true;
      if (desk.runs.isEmpty()) {
        floor.close(desk);
      }
    }
  }

  /// The fleet has changed: a task that waits may be able to start.
  public void fleetChanged() {
    turn(course.usher()::lookAtAll);
  }

  /// Ranks by another strategy from now on.
  public void setStrategy(RoutingStrategy strategy) {
    turn(() -> {
      floor.strategy(strategy);
      course.usher().lookAtAll();
    });
  }

  /// Holds to these rules of the owner's from now on; tasks that run are left alone.
  public void setPolicy(Policy policy) {
    turn(() -> {
      floor.policy(policy);
      course.usher().lookAtAll();
    });
  }

  /// Prefers these models from now on where a client leaves the choice to us.
  public void setAutoRules(AutoRules rules) {
    turn(() -> {
      floor.rules(rules);
      course.usher().lookAtAll();
    });
  }

  /// Whether embeddings and classifications that are late are given to a second machine as well,
  /// from now on; see {@link Hedges}. Not unless this is called.
  public void setHedging(boolean wanted) {
    course.hedges().want(wanted);
  }

  /// The strategy in use.
  public RoutingStrategy strategy() {
    return floor.strategy();
  }

  // ---- tasks

  /// Starts a task, queues it or refuses it; the listener may hear of it before this returns.
  ///
  /// The listener is told one end, unless the task is cancelled. Failure codes of a bad end:
  /// `NOT_FOUND` (no node ever had the model, no such node), `INVALID_REQUEST` (the model cannot do
  /// what the task needs), `POISONED_REQUEST` (such a request killed two machines' engines), `BUSY`
  /// with a time to come back (queue full, or waited too long), `BROKEN_STREAM` or the engine's own
  /// once something was written, else the last attempt's.
  public TaskHandle submit(Task<W> task, TaskListener<E> listener) {
    return submit(task, listener, Continuable.never());
  }

  /// The same for an answer that another engine may go on with when the first one breaks off.
  public TaskHandle submit(Task<W> task, TaskListener<E> listener, Continuable<W> continuable) {
    if (course.ledger().find(task.id()) != null) {
      throw new IllegalArgumentException(
          "id: " + task.id() + " is running (expected: an id of its own)");
    }
    var job = new Job<>(task, listener, continuable, arrivals++, course.placing().work(task), time);
    turn(() -> course.submit(job));
    return new Hold(job);
  }

  /// Ends a task at somebody else's wish than its client's; the client is told `CANCELLED`.
  ///
  /// @return whether there was such a task
  public boolean abort(TaskId id, String why) {
    Job<W, E> job = course.ledger().find(id);
    if (job == null) {
      return false;
    }
    course.abort(job, Failure.of(FailureCode.CANCELLED, Retry.POINTLESS, why));
    return true;
  }

  // ---- views

  /// Attempts running on a backend.
  public int active(BackendId id) {
    return floor.active(id);
  }

  /// Attempts running on a machine, all its backends together.
  public int active(NodeId id) {
    return floor.active(id);
  }

  /// Slots of a backend that are free now.
  public int free(BackendId id) {
    Desk<W, E> desk = floor.desk(id);
    return desk == null ? 0 : desk.free();
  }

  /// Attempts running anywhere.
  public int active() {
    return floor.active();
  }

  /// How many tasks wait.
  public int waiting() {
    return course.queue().size();
  }

  /// How many tasks were put aside for a moment: after a failure, or until it is certain that they
  /// kill no engine.
  public int held() {
    return (int)
        course.ledger().underWay().stream().filter(job -> job.stage == Job.Stage.HELD).count();
  }

  /// The tasks that wait, in order.
  public QueueView queueView() {
    var views = new ArrayList<TaskView>();
    for (Job<W, E> job : course.queue().inOrder()) {
      views.add(view(job, views.size() + 1));
    }
    var shares = new ArrayList<QueueView.Share>();
    for (Band band : Band.values()) {
      shares.add(new QueueView.Share(band, course.queue().size(band), course.queue().bytes(band)));
    }
    return new QueueView(limits.maxQueued(), course.isOverloaded(), shares, views);
  }

  /// The tasks that run, then those that wait, in order.
  public List<TaskView> tasks() {
    var views = new ArrayList<TaskView>();
    for (Job<W, E> job : course.ledger().underWay()) {
      if (job.stage != Job.Stage.QUEUED) {
        views.add(view(job, 0));
      }
    }
    views.addAll(queueView().waiting());
    return views;
  }

  /// The tasks that ended last, the oldest first, at most {@link DispatchLimits#finishedKept}.
  public List<TaskRecord> finished() {
    return course.ledger().finished();
  }

  /// How long such a task would wait if it came now; of no use for one that would start at once.
  public WaitEstimate estimate(Task<W> task) {
    return course
        .placing()
        .estimate(Job.imagined(task, arrivals, course.placing().work(task), time));
  }

  /// Where such a task would run if it came now, and why.
  public Explanation explain(Task<W> task) {
    String strategy = floor.strategy().name();
    var none = new WaitEstimate(Duration.ZERO, Duration.ZERO, true);
    Honesty.Verdict record = course.placing().honesty(task.model());
    return switch (floor.index().fit(Shape.of(task))) {
      case Fit.Refused(Failure why) ->
          new Explanation(strategy, List.of(), Optional.of(why), record, none);
      case Fit.Places places -> {
        var told = course.placing().explain(task, places);
        boolean now = !told.isEmpty() && told.getFirst().rank() == 1;
        yield new Explanation(
            strategy, told, Optional.empty(), record, now ? none : estimate(task));
      }
    };
  }

  private TaskView view(Job<W, E> job, int position) {
    long now = time.nanos();
    Run<W, E> run = job.run;
    return new TaskView(
        job.task.id(),
        job.task.type(),
        job.task.model(),
        job.task.principal(),
        job.task.priority(),
        Optional.ofNullable(run).filter(last -> !last.ended).map(last -> last.assignment),
        position,
        position == 0 ? Optional.empty() : Optional.of(stillWaits(job)),
        job.attempts,
        Duration.ofNanos(job.queuedNanos(now)),
        Duration.ofNanos(now - job.submittedNanos),
        run == null ? 0 : run.events);
  }

  /// Who has come since everybody's wait was last thought over is looked at alone.
  private WaitEstimate stillWaits(Job<W, E> job) {
    WaitEstimate now = course.placing().estimates().get(job);
    return now == null ? course.placing().estimate(job) : now;
  }

  private void turn(Runnable action) {
    course.turn().enter();
    try {
      action.run();
    } finally {
      course.turn().leave();
    }
  }

  /// The client's hold on a job.
  private final class Hold implements TaskHandle {
    private final Job<W, E> job;

    Hold(Job<W, E> job) {
      this.job = job;
    }

    @Override
    public TaskId id() {
      return job.task.id();
    }

    @Override
    public void cancel() {
      course.cancel(job);
    }

    @Override
    public void pause() {
      if (!job.paused) {
        job.paused = true;
        job.wasPaused = true;
        Run<W, E> run = job.run;
        if (run != null && !run.ended && run.attempt != null) {
          run.attempt.pause();
        }
      }
    }

    @Override
    public void resume() {
      if (job.paused) {
        job.paused = false;
        Run<W, E> run = job.run;
        if (run != null && !run.ended && run.attempt != null) {
          run.quietSince = time.nanos();
          run.attempt.resume();
        }
      }
    }
  }
}
