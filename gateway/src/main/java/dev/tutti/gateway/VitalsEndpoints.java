package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.NodeView;
import dev.tutti.telemetry.Levels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What supervisors ask: alive, ready, and the metrics. Owner loop only.
final class VitalsEndpoints {
  private static final Duration COME_BACK = Duration.ofSeconds(1);

  /// IMF-fixdate (RFC 9110 §5.6.7).
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final GatewayParts parts;
  private final ClientConnections connections;
  private final BodyBudget budget;

  VitalsEndpoints(GatewayParts parts, ClientConnections connections, BodyBudget budget) {
    this.parts = parts;
    this.connections = connections;
    this.budget = budget;
  }

  List<Route> routes() {
    return List.of(
        new Route(GET, "/health", Route.Access.OPEN, this::health),
        new Route(GET, "/ready", Route.Access.KNOWN, this::ready),
        new Route(GET, "/metrics", Route.Access.KNOWN, this::metrics));
  }

  /// Also says where agents connect, since people know the other port, and what the clock here
  /// shows, so that a difference can be found before it hurts.
  private void health(Exchange exchange) {
    exchange.response().putHeader("date", DATE.format(parts.time().now().atOffset(ZoneOffset.UTC)));
    exchange.response().putHeader("x-tutti-node-port", Integer.toString(parts.hub().nodePort()));
    exchange.json(200, Map.of("status", "ok"));
  }

  private void ready(Exchange exchange) {
    if (parts.hub().ready().getAsBoolean()) {
      exchange.json(200, Map.of("status", "ready"));
    } else {
      exchange.fail(
          Failure.of(
                  FailureCode.BUSY,
                  Retry.SAFE_NOT_STARTED,
                  "the engines are being asked for the first time")
              .retryAfter(COME_BACK));
    }
  }

  private void metrics(Exchange exchange) {
    String text = parts.metrics().scrape(levels());
    exchange.send(200, PROMETHEUS, text.getBytes(StandardCharsets.UTF_8));
  }

  private Levels levels() {
    FleetView fleet = parts.fleet().get();
    var active = new HashMap<String, Integer>();
    int up = 0;
    for (BackendId id : fleet.backends().keySet()) {
      active.put(id.value(), parts.dispatcher().active(id));
    }
    for (var backend : fleet.backends().values()) {
      up += backend.takesWork() ? 1 : 0;
    }
    return new Levels(
        parts.dispatcher().waiting(),
        active,
        (int) fleet.nodes().stream().filter(NodeView::connected).count(),
        fleet.nodes().size(),
        up,
        fleet.backends().size(),
        parts.feed().subscribers(),
        connections.count(),
        budget.heldBytes());
  }
}
