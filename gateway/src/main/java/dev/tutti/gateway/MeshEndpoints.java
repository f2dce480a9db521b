package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;

import dev.tutti.access.audit.AuditHead;
import dev.tutti.core.BackendId;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.Sampling;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskType;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.NodeStatus;
import dev.tutti.fleet.NodeView;
import dev.tutti.gateway.classify.Finding;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/// What the mesh tells of itself under `/mesh/v1/`. Owner loop only.
final class MeshEndpoints {
  private final GatewayParts parts;
  private final EventStreams events;

  MeshEndpoints(GatewayParts parts, EventStreams events) {
    this.parts = parts;
    this.events = events;
  }

  List<Route> routes() {
    return List.of(
        get("/mesh/v1/status", this::status),
        get("/mesh/v1/nodes", this::nodes),
        get("/mesh/v1/nodes/{id}", this::node),
        get("/mesh/v1/backends", this::backends),
        get("/mesh/v1/backends/{id}", this::backend),
        get("/mesh/v1/models", this::models),
        get("/mesh/v1/queue", this::queue),
        get("/mesh/v1/routes/explain", this::explain),
        get("/mesh/v1/events", events::open),
        new Route(GET, "/mesh/v1/audit/head", Route.Access.ADMIN, this::auditHead));
  }

  private static Route get(String path, Consumer<Exchange> handler) {
    return new Route(GET, path, Route.Access.KEYED, handler);
  }

  private void status(Exchange exchange) {
    FleetView fleet = parts.fleet().get();
    HubFacts hub = parts.hub();
    var counts = new LinkedHashMap<String, Object>();
    counts.put("nodes", fleet.nodes().size());
    counts.put("nodes_up", fleet.nodes().stream().filter(this::isUp).count());
    counts.put("backends", fleet.backends().size());
    counts.put("backends_up", backendsUp(fleet));
    counts.put("models", MergedModels.of(fleet).entries().size());
    counts.put("active", parts.dispatcher().active());
    counts.put("waiting", parts.dispatcher().waiting());
    var map = new LinkedHashMap<String, Object>();
    map.put("version", hub.version());
    map.put("hub_id", hub.id());
    map.put("name", hub.name());
    map.put("started_at", hub.startedAt().toString());
    map.put("uptime_s", Duration.between(hub.startedAt(), parts.time().now()).toSeconds());
    map.put("ready", hub.ready().getAsBoolean());
    map.put("strategy", parts.dispatcher().strategy().name());
    map.put("simulated", hub.demo());
    map.put("last_event_id", parts.feed().lastId());
    map.put("counts", counts);
    String trouble = parts.audit().trouble();
    map.put("trouble", trouble.isEmpty() ? List.of() : List.of(trouble));
    exchange.json(200, map);
  }

  /// What somebody elsewhere can keep, to tell later whether the log was rewritten.
  private void auditHead(Exchange exchange) {
    AuditHead head =
        parts
            .audit()
            .head()
            .orElseThrow(() ->
                new MeshException(
                    Refusals.pointless(
                        FailureCode.NOT_FOUND, "nothing of the audit log is signed yet")));
    var map = new LinkedHashMap<String, Object>();
    map.put("number", head.number());
    map.put("hash", head.hash());
    map.put("at", head.at().toString());
    map.put("signature", head.signature());
    map.put("head", head.line());
    exchange.json(200, map);
  }

  private boolean isUp(NodeView node) {
    return switch (NodeStatus.of(node, parts.dispatcher().active(node.id()))) {
      case IDLE, BUSY, DRAINED, SUSPECT, GRAY -> true;
      case PENDING, OFFLINE -> false;
    };
  }

  private static long backendsUp(FleetView fleet) {
    return fleet.backends().values().stream().filter(each -> each.health() == Health.UP).count();
  }

  private void nodes(Exchange exchange) {
    Dispatcher<?, ?> dispatcher = parts.dispatcher();
    exchange.json(
        200,
        Map.of(
            "nodes",
            FleetDocuments.nodes(
                parts.fleet().get().nodes(), node -> dispatcher.active(node.id()))));
  }

  private void node(Exchange exchange) {
    NodeView node =
        Names.node(exchange.parameter())
            .flatMap(id -> parts.fleet().get().node(id))
            .orElseThrow(() -> Names.unknown("node"));
    exchange.json(200, FleetDocuments.node(node, parts.dispatcher().active(node.id())));
  }

  private void backends(Exchange exchange) {
    List<Map<String, Object>> backends =
        parts.fleet().get().backends().values().stream()
            .sorted(Comparator.comparing(BackendView::id))
            .map(each -> FleetDocuments.backend(each, parts.dispatcher().active(each.id())))
            .toList();
    exchange.json(200, Map.of("backends", backends));
  }

  private void backend(Exchange exchange) {
    BackendId id = Names.backend(exchange.parameter()).orElseThrow(() -> Names.unknown("backend"));
    BackendView backend = parts.fleet().get().backends().get(id);
    if (backend == null) {
      throw Names.unknown("backend");
    }
    exchange.json(200, FleetDocuments.backend(backend, parts.dispatcher().active(id)));
  }

  private void models(Exchange exchange) {
    List<Map<String, Object>> models =
        MergedModels.of(parts.fleet().get()).entries().stream().map(FleetDocuments::entry).toList();
    exchange.json(200, Map.of("models", models));
  }

  private void queue(Exchange exchange) {
    String asker = exchange.principal();
    boolean all = exchange.administrator();
    exchange.json(
        200,
        TaskDocuments.queue(
            parts.dispatcher().queueView(), principal -> all || principal.equals(asker)));
  }

  /// Explains a task that has a model and perhaps a type and a difficulty, and nothing else;
  /// nothing is started.
  private void explain(Exchange exchange) {
    String model = exchange.query("model").orElse("auto");
    TaskWishes plain = TaskWishes.of(exchange, parts.hub().queueTtl());
    var wishes =
        new TaskWishes(
            exchange.query("type").map(TaskWishes::type).or(plain::type),
            plain.priority(),
            plain.ttl(),
            exchange.query("node").map(TaskWishes::node).or(plain::node),
            plain.substitute(),
            plain.local(),
            plain.session(),
            plain.hops());
    Work example = example(model, wishes.type().orElse(TaskType.CHAT));
    Finding byRules = Appraiser.byRules(wishes, example);
    Finding found =
        exchange
            .query("difficulty")
            .map(TaskWishes::difficulty)
            .map(given -> byRules.with(given, "the client"))
            .orElse(byRules);
    Task<Work> task =
        WorkEndpoint.task(
            TaskId.random(parts.random()), exchange.principal(), wishes, "", example, found);
    var map = new LinkedHashMap<String, Object>();
    map.put("model", model);
    map.put("type", task.type().wireName());
    map.put("difficulty", found.difficulty().wireName());
    map.put("found", found.words());
    map.putAll(TaskDocuments.explanation(parts.dispatcher().explain(task)));
    exchange.json(200, map);
  }

  private static Work example(String model, TaskType type) {
    if (type != TaskType.EMBED) {
      return new Work.Completion(
          model,
          Dialect.OLLAMA,
          "",
          Optional.empty(),
          Optional.empty(),
          List.of(),
          false,
          Sampling.NONE,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Set.of());
    }
    return new Work.Embedding(
        model,
        Dialect.OLLAMA,
        List.of(""),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Set.of("embedding"));
  }
}
