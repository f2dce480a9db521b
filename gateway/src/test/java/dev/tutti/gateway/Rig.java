package dev.tutti.gateway;

import dev.tutti.access.Doorkeeper;
import dev.tutti.access.Key;
import dev.tutti.access.Keyring;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.access.audit.RefusalTally;
import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.DispatchEvents;
import dev.tutti.dispatch.DispatchLimits;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.RoutingStrategy;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskRecord;
import dev.tutti.dispatch.WaitEstimate;
import dev.tutti.fleet.FleetView;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.EventKind;
import dev.tutti.telemetry.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A real gateway and a real dispatcher on one event loop, with engines that tests play by hand.
final class Rig implements AutoCloseable {
  final Vertx vertx = Vertx.vertx();
  final Context owner;
  final FakeAdmin admin = new FakeAdmin();
  final Admission admission;
  final FakeKeyAdmin keyAdmin = new FakeKeyAdmin();
  final Queue<AuditEntry> audited = new ConcurrentLinkedQueue<>();
  final FakeCalls calls = new FakeCalls();
  final Map<String, FakeEngine> engines = new HashMap<>();
  final Metrics metrics = new Metrics();
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final LoopTime time;
  volatile FleetView fleet;
  volatile Optional<ModelName> router = Optional.empty();
  volatile boolean ready = true;
  volatile boolean centsForTokens;
  final Set<BackendId> priced = ConcurrentHashMap.newKeySet();
  final Doorkeeper keys = new Doorkeeper(Doorkeeper.Door.OPEN, Keyring.EMPTY);
  final EventFeed feed;
  final Dispatcher<Work, Delta> dispatcher;
  final LongerWork longer;
  private final Gateway gateway;

  Rig(FleetView fleet) {
    this(fleet, GatewayLimits.DEFAULT);
  }

  Rig(FleetView fleet, GatewayLimits limits) {
    this(
        fleet, new GatewayOptions("127.0.0.1", 0, 0, Optional.empty(), Set.of(), Set.of(), limits));
  }

  Rig(FleetView fleet, GatewayOptions options) {
    this.fleet = fleet;
    // A dedicated event loop context, as a hub has.
    owner = ((io.vertx.core.internal.VertxInternal) vertx).createEventLoopContext();
    time = new LoopTime(vertx, owner);
    feed = new EventFeed(time);
    admission =
        new Admission(keys, () -> this.fleet, backend -> priced.contains(backend.id()), time);
    dispatcher =
        new Dispatcher<>(
            time, DispatchLimits.DEFAULT, () -> this.fleet, RoutingStrategy.echo(), new Told());
    for (BackendId id : fleet.backends().keySet()) {
      attach(id);
    }
    var hub =
        new HubFacts(
            "hub-1",
            "bob",
            "0.1.0",
            Duration.ofSeconds(30),
            true,
            Instant.EPOCH,
            () -> this.ready,
            8766);
    longer =
        LongerWork.open(
            dispatcher, admission, time, action -> owner.runOnContext(_ -> action.run()));
    var parts =
        new GatewayParts(
            hub,
            dispatcher,
            () -> this.fleet,
            feed,
            metrics,
            time,
            new SplittableRandom(7),
            keys,
            admin,
            admission,
            keyAdmin,
            calls,
            longer.list(),
            () -> this.router,
            Executors.newVirtualThreadPerTaskExecutor(),
            audited::add,
            new RefusalTally(audited::add, time));
    gateway = await(Gateway.start(vertx, owner, options, parts).toCompletionStage());
  }

  private void attach(BackendId id) {
    onOwner(() -> {
      var engine = new FakeEngine(owner);
      engines.put(id.value(), engine);
      var slots = dispatcher.slots(id);
      engine.slots(slots);
      slots.slotOpened();
      dispatcher.attach(id, engine);
      return true;
    });
  }

  FakeEngine engine(String id) {
    FakeEngine engine = engines.get(id);
    if (engine == null) {
      throw new AssertionError("no engine " + id);
    }
    return engine;
  }

  /// From now on everybody needs one of these keys.
  void needKeys(Key... known) {
    keys.replace(Keyring.of(List.of(known)));
    keys.guard(Doorkeeper.Door.KEYED);
  }

  void revoke(String name) {
    Key key = keys.keyring().key(name).orElseThrow();
    keys.replace(keys.keyring().with(key.revoked(Instant.EPOCH)));
  }

  /// How many attempts have begun, on all engines together.
  int plays() {
    return engines.values().stream().mapToInt(engine -> engine.plays.size()).sum();
  }

  List<Route> routes() {
    return gateway.routes();
  }

  int port() {
    return gateway.port();
  }

  int grpcPort() {
    return gateway.grpcPort().orElseThrow();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  HttpResponse<String> get(String path, String... headers) {
    var builder = request(path).GET();
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return send(builder);
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    var builder = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return send(builder);
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    return await(http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()));
  }

  /// Runs on the owner's loop and waits.
  <T> T onOwner(Callable<T> action) {
    var result = new CompletableFuture<T>();
    owner.runOnContext(_ -> {
      try {
        result.complete(action.call());
      } catch (Exception e) {
        result.completeExceptionally(e);
      }
    });
    return await(result);
  }

  static <T> T await(java.util.concurrent.CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    await(gateway.close().toCompletionStage());
    http.close();
    await(vertx.close().toCompletionStage());
    longer.close();
  }

  private final class Told implements DispatchEvents {
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
          EventKind.TASK_ATTEMPT_FAILED,
          TaskDocuments.attemptFailed(task, backend.value(), failure));
    }

    @Override
    public void taskFinished(Task<?> task, TaskRecord ended) {
      feed.publish(EventKind.TASK_FINISHED, TaskDocuments.finished(ended));
      long tokens = ended.usage().promptTokens() + (long) ended.usage().outputTokens();
      // As if a token cost a cent.
      admission.ended(ended.id(), ended.principal(), tokens, centsForTokens ? tokens * 10_000 : 0);
    }

    @Override
    public void queueChanged(int waiting) {
      feed.publish(EventKind.QUEUE_CHANGED, Map.of("length", waiting));
    }
  }
}
