package dev.tutti.simulate;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.dispatch.Appraisal;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.DispatchEvents;
import dev.tutti.dispatch.DispatchLimits;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.dispatch.TaskRecord;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.WaitEstimate;
import dev.tutti.dispatch.predict.Experience;
import dev.tutti.dispatch.predict.Foresight;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/// Runs the production dispatcher over a workload, on simulated time, with modelled engines.
public final class Simulation {
  /// Longer than any trace: nobody gives up here, so that strategies answer for the same requests.
  private static final Duration FOR_EVER = Duration.ofDays(100 * 365);

  private static final int PRIORITY = 5;

  private final SimulatedTime time = new SimulatedTime();
  private final List<Request> requests;
  private final SplittableRandom random;
  private final ModelledFleet fleet;
  private final BiConsumer<Task<Request>, TaskListener<Piece>> door;
  private final Tally tally;
  private final Contender contender;

  private Simulation(FleetSpec spec, Workload workload, Contender contender, long seed) {
    this.requests = workload.requests();
    this.contender = contender;
    this.random = new SplittableRandom(seed);
    this.fleet = new ModelledFleet(time, spec);
    this.tally = new Tally(time, spec, requests);
    this.door =
        switch (contender) {
          case Contender.Late late -> dispatcher(spec, late)::submit;
          case Contender.OnArrival(_, Contender.Rule rule) -> {
            fleet.openAlone();
            yield new Binder(rule, fleet.engines())::submit;
          }
        };
  }

  private Dispatcher<Request, Piece> dispatcher(FleetSpec spec, Contender.Late late) {
    Foresight<Request> foresight =
        switch (late.knowledge()) {
          case LEARNED -> new Experience<>();
          case GIVEN -> new Truth(spec);
        };
    var dispatcher =
        new Dispatcher<Request, Piece>(
            time,
            new DispatchLimits(requests.size(), 1, FOR_EVER, FOR_EVER, 0),
            fleet::view,
            late.strategy(),
            new Nobody(),
            foresight);
    fleet.open(dispatcher);
    return dispatcher;
  }

  /// What the strategy makes of the workload on that fleet. The same input gives the same result to
  /// the last bit.
  ///
  /// @param seed decides everything that is left to chance
  public static Result run(FleetSpec fleet, Workload workload, Contender contender, long seed) {
    if (workload.requests().isEmpty()) {
      throw new InputException("requests: none (expected: at least one)");
    }
    return new Simulation(fleet, workload, contender, seed).run();
  }

  private Result run() {
    next(0, time.nanos());
    while (!tally.isComplete()) {
      if (!time.advanceToNext()) {
        throw new IllegalStateException("requests without an end: some (expected: none)");
      }
    }
    return tally.result(contender.name(), fleet.engines());
  }

  /// Sets the arrival of one request, which sets that of the next.
  private void next(int index, long startNanos) {
    if (index < requests.size()) {
      Request request = requests.get(index);
      long wait = startNanos + request.arrivalNanos() - time.nanos();
      time.after(
          Duration.ofNanos(wait),
          () -> {
            next(index + 1, startNanos);
            door.accept(task(request), tally.client(request));
          });
    }
  }

  private Task<Request> task(Request request) {
    return new Task<>(
        TaskId.random(random),
        TaskType.CHAT,
        request.model(),
        Set.of(),
        PRIORITY,
        FOR_EVER,
        Optional.empty(),
        false,
        false,
        0,
        request.client(),
        "",
        "",
        0,
        request.prompt(),
        Appraisal.NONE,
        request);
  }

  /// Who listens to the dispatcher here.
  private static final class Nobody implements DispatchEvents {
    @Override
    public void taskQueued(Task<?> task, int position, WaitEstimate expected) {}

    @Override
    public void taskAssigned(Task<?> task, Assignment assignment) {}

    @Override
    public void attemptFailed(TaskId task, BackendId backend, Failure failure) {}

    @Override
    public void taskFinished(Task<?> task, TaskRecord record) {}

    @Override
    public void queueChanged(int waiting) {}
  }
}
