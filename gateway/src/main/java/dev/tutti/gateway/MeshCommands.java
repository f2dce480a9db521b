package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.DELETE;
import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.core.BackendId;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/// The commands that change the mesh, ours and Symphony's: reads and checks what is asked, and
/// leaves the doing to {@link MeshAdmin}. Owner loop only.
final class MeshCommands {
  /// The most slots a backend can be given.
  static final int MAX_SLOTS = 4_096;

  private static final int MAX_PORT = 65_535;

  private final GatewayParts parts;
  private final MeshAdmin admin;
  private final Function<Exchange, BodyReader> bodies;

  MeshCommands(GatewayParts parts, Function<Exchange, BodyReader> bodies) {
    this.parts = parts;
    this.admin = parts.admin();
    this.bodies = bodies;
  }

  List<Route> routes() {
    return List.of(
        command(POST, "/mesh/v1/nodes/{id}/drain", node(AuditAction.NODE_DRAINED, admin::drain)),
        command(POST, "/mesh/v1/nodes/{id}/resume", node(AuditAction.NODE_RESUMED, admin::resume)),
        command(POST, "/mesh/v1/nodes/{id}/approve", this::approve),
        command(GET, "/mesh/v1/pending", exchange -> answer(exchange, admin.pending())),
        command(GET, "/mesh/v1/authority", exchange -> answer(exchange, admin.authority())),
        command(POST, "/mesh/v1/authority/rotate", withBody(this::rotate)),
        command(POST, "/mesh/v1/authority/rollback", withBody(this::rollBack)),
        command(DELETE, "/mesh/v1/nodes/{id}", node(AuditAction.NODE_REMOVED, admin::removeNode)),
        command(POST, "/mesh/v1/invites", withBody(this::invite)),
        command(POST, "/mesh/v1/backends", withBody(this::addBackend)),
        command(
            DELETE,
            "/mesh/v1/backends/{id}",
            exchange ->
                backend(exchange, Optional.of(AuditAction.BACKEND_REMOVED), admin::removeBackend)),
        command(
            POST,
            "/mesh/v1/backends/{id}/probe",
            exchange -> backend(exchange, Optional.empty(), admin::probe)),
        new Route(
            GET,
            "/mesh/v1/models/placement",
            Route.Access.ADMIN,
            exchange -> answer(exchange, admin.placement())),
        command(
            POST,
            "/mesh/v1/models/placement",
            exchange ->
                answer(exchange, noted(exchange, AuditAction.MODELS_PLACED, "", admin.place()))),
        command(POST, "/mesh/v1/discover", exchange -> answer(exchange, admin.discover())),
        new Route(POST, "/api/register", Route.Access.NODES, withBody(this::register)),
        new Route(POST, "/api/heartbeat", Route.Access.NODES, withBody(this::heartbeat)),
        new Route(
            GET,
            "/api/health",
            Route.Access.KNOWN,
            exchange -> exchange.json(200, Map.of("status", "ok"))));
  }

  private static Route command(HttpMethod method, String path, Consumer<Exchange> handler) {
    return new Route(method, path, Route.Access.ADMIN, handler);
  }

  private Consumer<Exchange> node(
      AuditAction action, Function<NodeId, Future<Map<String, Object>>> command) {
    return exchange -> {
      NodeId id = Names.node(exchange.parameter()).orElseThrow(() -> Names.unknown("node"));
      if (parts.fleet().get().node(id).isEmpty()) {
        throw Names.unknown("node");
      }
      answer(exchange, noted(exchange, action, "node:" + id, command.apply(id)));
    };
  }

  private void backend(
      Exchange exchange,
      Optional<AuditAction> action,
      Function<BackendId, Future<Map<String, Object>>> command) {
    BackendId id = Names.backend(exchange.parameter()).orElseThrow(() -> Names.unknown("backend"));
    if (!parts.fleet().get().backends().containsKey(id)) {
      throw Names.unknown("backend");
    }
    Future<Map<String, Object>> result = command.apply(id);
    action.ifPresent(what -> noted(exchange, what, "backend:" + id, result));
    answer(exchange, result);
  }

  /// Writes down what somebody did, or tried, once it is known how it ended.
  private Future<Map<String, Object>> noted(
      Exchange exchange, AuditAction action, String target, Future<Map<String, Object>> result) {
    var entry = AuditEntry.done(exchange.actor(), action, target);
    return result
        .onSuccess(_ -> parts.audit().record(entry))
        .onFailure(cause -> parts.audit().record(ended(entry, cause)));
  }

  private static AuditEntry ended(AuditEntry entry, Throwable cause) {
    return cause instanceof MeshException known
        ? entry.ended(AuditEntry.Outcome.REFUSED).with("why", known.failure().message())
        : entry.ended(AuditEntry.Outcome.FAILED);
  }

  private Consumer<Exchange> withBody(Function<SmallJson, Future<Map<String, Object>>> command) {
    return withBody((_, body) -> command.apply(body));
  }

  private Consumer<Exchange> withBody(
      BiFunction<Exchange, SmallJson, Future<Map<String, Object>>> command) {
    return exchange -> {
      BodyReader reader = bodies.apply(exchange);
      reader.read(
          SmallJson.MAX_BYTES,
          body -> {
            reader.release();
            exchange.guarded(_ -> answer(exchange, command.apply(exchange, SmallJson.read(body))));
          });
    };
  }

  private static void answer(Exchange exchange, Future<Map<String, Object>> result) {
    result
        .onSuccess(document -> exchange.json(200, document))
        .onFailure(cause ->
            exchange.fail(
                cause instanceof MeshException known
                    ? known.failure()
                    : Faults.bug("command", exchange.request().path(), cause)));
  }

  private void approve(Exchange exchange) {
    NodeId id = Names.node(exchange.parameter()).orElseThrow(() -> Names.unknown("node"));
    if (parts.fleet().get().node(id).isEmpty()) {
      throw Names.unknown("node");
    }
    withBody((asked, body) ->
            noted(
                asked,
                AuditAction.NODE_APPROVED,
                "node:" + id,
                admin.approve(id, body.optionalText("code"))))
        .accept(exchange);
  }

  private Future<Map<String, Object>> rotate(Exchange exchange, SmallJson body) {
    return noted(
        exchange, AuditAction.AUTHORITY_CHANGED, "authority", admin.rotate(body.flag("force")));
  }

  private Future<Map<String, Object>> rollBack(Exchange exchange, SmallJson body) {
    return noted(
        exchange, AuditAction.AUTHORITY_CHANGED, "authority", admin.rollBack(body.flag("force")));
  }

  private Future<Map<String, Object>> invite(Exchange exchange, SmallJson body) {
    NodeId name = nodeIn(body, "name");
    return noted(
        exchange, AuditAction.NODE_INVITED, "node:" + name, admin.invite(name, role(body)));
  }

  private Future<Map<String, Object>> addBackend(Exchange exchange, SmallJson body) {
    String url = body.text("url");
    if (!isHttp(url)) {
      throw Refusals.invalid("url: no address (expected: http://host:port or https://…)");
    }
    Optional<String> name = body.optionalText("name");
    if (name.filter(each -> Names.backend(each).isEmpty()).isPresent()) {
      throw Refusals.invalid("name: cannot be one (expected: letters, digits and . _ : / @ -)");
    }
    OptionalInt slots = body.optionalInt("slots", 1, MAX_SLOTS);
    return noted(
        exchange,
        AuditAction.BACKEND_ADDED,
        "url:" + place(url),
        admin.addBackend(new MeshAdmin.NewBackend(url, slots, name)));
  }

  private Future<Map<String, Object>> register(SmallJson body) {
    SmallJson services = body.object("services");
    OptionalInt port = services.optionalInt("ollama_port", 1, MAX_PORT);
    NodeId id = nodeIn(body, "node_id");
    return admin.register(
        new MeshAdmin.Registration(
            id,
            body.optionalText("display_name").orElse(id.value()),
            role(body),
            address(body),
            body.optionalText("hostname").orElse(""),
            services.flag("ollama") ? port : OptionalInt.empty()));
  }

  private Future<Map<String, Object>> heartbeat(SmallJson body) {
    NodeId id = nodeIn(body, "node_id");
    body.optionalText("timestamp").ifPresent(MeshCommands::checkTimestamp);
    return admin.heartbeat(id, address(body));
  }

  private static NodeId nodeIn(SmallJson body, String field) {
    return Names.node(body.text(field))
        .orElseThrow(() ->
            Refusals.invalid(
                field + ": cannot be one (expected: lower-case letters, digits and . _ -)"));
  }

  private static NodeRole role(SmallJson body) {
    String name = body.optionalText("role").orElse(NodeRole.LLM_WORKER.wireName());
    for (NodeRole role : NodeRole.values()) {
      if (role.wireName().equals(name)) {
        return role;
      }
    }
    throw Refusals.invalid("role: unknown (expected: hq, llm_worker, browser_node or full_worker)");
  }

  /// A node that does not know its address says `UNKNOWN`, a planned one has `TBD`.
  private static Optional<String> address(SmallJson body) {
    return body.optionalText("ip").filter(ip -> !ip.equals("UNKNOWN") && !ip.equals("TBD"));
  }

  /// Its own clock may be wrong and is not used; what it sends must still be a time.
  private static void checkTimestamp(String text) {
    try {
      Instant.parse(text);
    } catch (DateTimeParseException _) {
      throw Refusals.invalid("timestamp: no time (expected: RFC 3339 in UTC)");
    }
  }

  /// A URL without what may be a secret in it.
  private static String place(String url) {
    URI uri = URI.create(url);
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return uri.getScheme() + "://" + uri.getHost() + port;
  }

  private static boolean isHttp(String url) {
    try {
      var uri = new URI(url);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null;
    } catch (URISyntaxException _) {
      return false;
    }
  }
}
