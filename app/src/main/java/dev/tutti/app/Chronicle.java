package dev.tutti.app;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.DispatchEvents;
import dev.tutti.dispatch.QueueView;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskRecord;
import dev.tutti.dispatch.WaitEstimate;
import dev.tutti.dispatch.place.Demand;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.FleetEvent;
import dev.tutti.fleet.NodeView;
import dev.tutti.gateway.FleetDocuments;
import dev.tutti.gateway.TaskDocuments;
import dev.tutti.store.SqliteStore;
import dev.tutti.store.UsageRow;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.EventKind;
import dev.tutti.telemetry.Metrics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/// Writes down what happens: into the event feed, the metrics and the store. Owner loop only;
/// nothing here waits.
final class Chronicle implements DispatchEvents {
  /// How often those who watch are told how the ones who wait are getting on.
  static final Duration PROGRESS_EVERY = Duration.ofSeconds(2);

  /// Of how many that is told, the first first.
  static final int MOST_IN_PROGRESS = 32;

  private final EventFeed feed;
  private final Metrics metrics;
  private final SqliteStore store;
  private final Time time;
  private final Fleet fleet;
  private final Demand demand;
  private final ToIntFunction<NodeView> active;
  private final ToIntFunction<BackendView> activeAt;
  private final Supplier<QueueView> queue;
  private final Bookkeeping books;
  private boolean progressDue;

  /// @param fleet told of what attempts say about their backends
  /// @param demand told of what was asked for
  /// @param active attempts that run on a machine now
  /// @param activeAt attempts that run on a backend now
  /// @param queue who waits now
  /// @param books what is counted for keys and money
  Chronicle(
      EventFeed feed,
      Metrics metrics,
      SqliteStore store,
      Time time,
      Fleet fleet,
      Demand demand,
      ToIntFunction<NodeView> active,
      ToIntFunction<BackendView> activeAt,
      Supplier<QueueView> queue,
      Bookkeeping books) {
    this.feed = feed;
    this.metrics = metrics;
    this.store = store;
    this.time = time;
    this.fleet = fleet;
    this.demand = demand;
    this.active = active;
    this.activeAt = activeAt;
    this.queue = queue;
    this.books = books;
  }

  // ---- the fleet

  /// Takes one change of the fleet.
  void fleetChanged(FleetEvent event) {
    switch (event) {
      case FleetEvent.NodeJoined(NodeView node) -> feed.publish(EventKind.NODE_JOINED, of(node));
      case FleetEvent.NodeChanged(NodeView node, String why) ->
          feed.publish(EventKind.NODE_CHANGED, because(of(node), why));
      case FleetEvent.NodeRemoved(NodeId node) ->
          feed.publish(EventKind.NODE_REMOVED, Map.of("node", node.value()));
      case FleetEvent.BackendFound(BackendView backend) -> {
        feed.publish(EventKind.BACKEND_FOUND, of(backend));
        keep(backend);
      }
      case FleetEvent.BackendChanged(BackendView backend, String why) -> {
        feed.publish(EventKind.BACKEND_CHANGED, because(of(backend), why));
        keep(backend);
      }
      case FleetEvent.BackendGone(BackendId backend, String why) ->
          feed.publish(EventKind.BACKEND_GONE, Map.of("backend", backend.value(), "why", why));
      case FleetEvent.ModelAppeared(BackendId backend, NodeId node, ModelName model) ->
          model(EventKind.MODEL_APPEARED, backend, node, model);
      case FleetEvent.ModelVanished(BackendId backend, NodeId node, ModelName model) ->
          model(EventKind.MODEL_VANISHED, backend, node, model);
      case FleetEvent.ModelLoaded(BackendId backend, NodeId node, ModelName model) ->
          model(EventKind.MODEL_LOADED, backend, node, model);
      case FleetEvent.ModelUnloaded(BackendId backend, NodeId node, ModelName model) ->
          model(EventKind.MODEL_UNLOADED, backend, node, model);
    }
  }

  private void keep(BackendView backend) {
    if (!backend.facts().models().isEmpty()) {
      store.noteFacts(backend.id(), backend.facts(), time.now());
    }
  }

  private void model(EventKind kind, BackendId backend, NodeId node, ModelName model) {
    feed.publish(
        kind, Map.of("backend", backend.value(), "node", node.value(), "model", model.value()));
  }

  private Map<String, Object> of(NodeView node) {
    return new LinkedHashMap<>(FleetDocuments.node(node, active.applyAsInt(node)));
  }

  private Map<String, Object> of(BackendView backend) {
    return new LinkedHashMap<>(FleetDocuments.backend(backend, activeAt.applyAsInt(backend)));
  }

  private static Map<String, Object> because(Map<String, Object> payload, String why) {
    payload.put("why", why);
    return payload;
  }

  // ---- tasks

  @Override
  public void taskQueued(Task<?> task, int position, WaitEstimate expected) {
    feed.publish(EventKind.TASK_QUEUED, TaskDocuments.queued(task, position, expected));
  }

  @Override
  public void taskAssigned(Task<?> task, Assignment assignment) {
    feed.publish(EventKind.TASK_ASSIGNED, TaskDocuments.assigned(task, assignment));
  }

  @Override
  public void attemptFailed(TaskId task, BackendId backend, Failure failure) {
    feed.publish(
        EventKind.TASK_ATTEMPT_FAILED, TaskDocuments.attemptFailed(task, backend.value(), failure));
    metrics.attemptEnded(backend.value(), Metrics.AttemptOutcome.FAILED);
    fleet.evidence(backend, failure);
  }

  @Override
  public void signOfLife(BackendId backend) {
    fleet.signOfLife(backend);
  }

  @Override
  public void mute(BackendId backend, int answers) {
    fleet.mute(backend, answers);
  }

  @Override
  public void served(BackendId backend, ModelName model, double tokensPerSecond, int beside) {
    fleet.served(backend, model, tokensPerSecond, beside);
  }

  @Override
  public void taskFinished(Task<?> asked, TaskRecord task) {
    Map<String, Object> payload = TaskDocuments.finished(task);
    task.failure()
        .filter(failure -> failure.code() == FailureCode.BUSY)
        .ifPresent(failure -> notServed(task, failure, payload));
    feed.publish(EventKind.TASK_FINISHED, payload);
    count(task);
    books.ended(asked, task);
    want(task);
    store.recordUsage(row(asked, task));
  }

  /// Nobody was free: at once, or within the time it was willing to wait.
  private void notServed(TaskRecord task, Failure failure, Map<String, Object> finished) {
    var payload = new LinkedHashMap<>(finished);
    failure.retryAfterIfAny().ifPresent(wait -> payload.put("estimated_wait_ms", wait.toMillis()));
    feed.publish(
        task.queued().isZero() ? EventKind.QUEUE_REFUSED : EventKind.QUEUE_EXPIRED, payload);
  }

  @Override
  public void overloaded(boolean overloaded) {
    feed.publish(EventKind.QUEUE_OVERLOADED, Map.of("overloaded", overloaded));
  }

  @Override
  public void queueChanged(int waiting) {
    feed.publish(EventKind.QUEUE_CHANGED, Map.of("length", waiting));
    if (waiting > 0 && !progressDue) {
      progressDue = true;
      time.after(PROGRESS_EVERY, this::progress);
    }
  }

  /// Tells those who watch how the ones who wait are getting on, as long as anybody waits.
  private void progress() {
    progressDue = false;
    QueueView view = queue.get();
    if (view.waiting().isEmpty()) {
      return;
    }
    if (feed.subscribers() > 0) {
      feed.publish(EventKind.QUEUE_WAITING, TaskDocuments.progress(view, MOST_IN_PROGRESS));
    }
    progressDue = true;
    time.after(PROGRESS_EVERY, this::progress);
  }

  private void count(TaskRecord task) {
    task.last()
        .ifPresent(last -> {
          switch (task.outcome()) {
            case DONE -> metrics.attemptEnded(last.backend().value(), Metrics.AttemptOutcome.DONE);
            case CANCELLED ->
                metrics.attemptEnded(last.backend().value(), Metrics.AttemptOutcome.CANCELLED);
            case FAILED, REFUSED -> {
              // told when the attempt failed
            }
          }
        });
  }

  /// What was asked for, served or not: who had no time for it counts as well.
  private void want(TaskRecord task) {
    ModelName model = task.last().map(Assignment::model).orElse(task.asked());
    boolean unknown = task.failure().filter(why -> why.code() == FailureCode.NOT_FOUND).isPresent();
    if (task.type().isAnswered() && !model.isAuto() && !unknown) {
      int read = task.usage().promptTokens() - task.usage().cachedTokens();
      demand.asked(model, Math.max(0, read), task.usage().outputTokens(), time.now());
    }
  }

  private UsageRow row(Task<?> asked, TaskRecord task) {
    return new UsageRow(
        task.id(),
        time.now(),
        task.principal(),
        asked.work() instanceof Work work ? dialectOf(work) : "",
        task.type().wireName(),
        task.asked(),
        task.last().map(Assignment::model),
        task.last().map(Assignment::node),
        task.last().map(Assignment::backend),
        task.usage().promptTokens(),
        task.usage().cachedTokens(),
        task.usage().outputTokens(),
        task.queued(),
        task.firstEvent().isZero() ? Optional.empty() : Optional.of(task.firstEvent()),
        task.total(),
        task.attempts(),
        UsageRow.Outcome.valueOf(task.outcome().name()),
        task.failure().map(Failure::code));
  }

  /// The dialect a task came in, as the store names it.
  private static String dialectOf(Work work) {
    return work.from().name().toLowerCase(Locale.ROOT);
  }
}
