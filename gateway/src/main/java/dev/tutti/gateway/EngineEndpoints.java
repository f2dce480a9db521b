package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.DELETE;
import static io.vertx.core.http.HttpMethod.HEAD;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.dialects.Json;
import dev.tutti.fleet.BackendView;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Ollama's endpoints that manage what one engine has: passed to the Ollama of the node that the
/// administrator names, and its answer back, both as they are. Owner loop only.
final class EngineEndpoints {
  /// The largest JSON body, in bytes: `create` may hold a template, a licence and messages.
  static final int MAX_BODY_BYTES = 4 * 1024 * 1024;

  private static final Pattern DIGEST = Pattern.compile("sha256[:-][0-9a-f]{64}");
  private static final String BLOBS = "/api/blobs/";

  private final GatewayParts parts;
  private final GatewayLimits limits;
  private final Function<Exchange, BodyReader> bodies;

  EngineEndpoints(GatewayParts parts, GatewayLimits limits, Function<Exchange, BodyReader> bodies) {
    this.parts = parts;
    this.limits = limits;
    this.bodies = bodies;
  }

  List<Route> routes() {
    return List.of(
        order(POST, "/api/create", true, AuditAction.MODEL_CREATED),
        order(POST, "/api/pull", true, AuditAction.MODEL_PULLED),
        order(POST, "/api/push", false, AuditAction.MODEL_PUSHED),
        order(POST, "/api/copy", true, AuditAction.MODEL_COPIED),
        order(DELETE, "/api/delete", true, AuditAction.MODEL_DELETED),
        new Route(HEAD, BLOBS + "{digest}", Route.Access.ADMIN, this::hasBlob),
        new Route(POST, BLOBS + "{digest}", Route.Access.ADMIN, this::takeBlob));
  }

  private Route order(HttpMethod method, String path, boolean changes, AuditAction action) {
    return new Route(
        method,
        path,
        Route.Access.ADMIN,
        exchange -> {
          BackendView backend = target(exchange);
          BodyReader reader = bodies.apply(exchange);
          reader.read(
              MAX_BODY_BYTES,
              body -> {
                reader.release();
                exchange.guarded(_ -> order(exchange, backend, path, body, changes, action));
              });
        });
  }

  private void order(
      Exchange exchange,
      BackendView backend,
      String path,
      byte[] body,
      boolean changes,
      AuditAction action) {
    JsonNode order = Json.read(body);
    if (!order.isObject()) {
      throw Refusals.invalid("body: no JSON object (expected: a JSON object)");
    }
    written(exchange, backend, action, modelOf(order));
    JsonNode stream = order.get("stream");
    boolean whole = stream != null && stream.isBoolean() && !stream.booleanValue();
    Duration silence = whole ? EngineRelay.WHOLE_SILENCE : EngineRelay.SILENCE;
    relay(exchange, backend, silence, changes)
        .ask(
            new EngineCalls.Request(
                exchange.request().method().name(),
                path,
                Map.of("content-type", ErrorBodies.JSON),
                OptionalLong.of(body.length),
                true),
            Buffer.buffer(body));
  }

  /// An order is written down when it is given: how it ends is the engine's own word.
  private void written(Exchange exchange, BackendView backend, AuditAction action, String target) {
    parts
        .audit()
        .record(
            AuditEntry.done(exchange.actor(), action, target)
                .with("backend", backend.id().value())
                .with("node", backend.node().value()));
  }

  /// Ollama calls it `model`, called it `name` before, and a copy has a `source`.
  private static String modelOf(JsonNode order) {
    for (String field : List.of("model", "name", "source")) {
      JsonNode value = order.get(field);
      if (value != null && value.isString() && !value.stringValue().isBlank()) {
        return "model:" + value.stringValue();
      }
    }
    return "";
  }

  private void hasBlob(Exchange exchange) {
    BackendView backend = target(exchange);
    relay(exchange, backend, EngineRelay.SILENCE, false)
        .ask(blob(exchange, OptionalLong.of(0)), Buffer.buffer());
  }

  private void takeBlob(Exchange exchange) {
    BackendView backend = target(exchange);
    EngineCalls.Request request = blob(exchange, length(exchange));
    written(exchange, backend, AuditAction.MODEL_PART_UPLOADED, exchange.parameter());
    relay(exchange, backend, EngineRelay.SILENCE, false).upload(request);
  }

  private static EngineCalls.Request blob(Exchange exchange, OptionalLong bytes) {
    String digest = exchange.parameter();
    if (!DIGEST.matcher(digest).matches()) {
      throw Refusals.invalid("digest: no digest (expected: sha256: and 64 hexadecimal digits)");
    }
    return new EngineCalls.Request(
        exchange.request().method().name(),
        BLOBS + digest.replace('-', ':'),
        Map.of("content-type", "application/octet-stream"),
        bytes,
        true);
  }

  private static OptionalLong length(Exchange exchange) {
    try {
      return exchange.header("content-length").map(Long::parseLong).stream()
          .mapToLong(length -> length)
          .findFirst();
    } catch (NumberFormatException _) {
      throw Refusals.invalid("content-length: no number (expected: a number of bytes)");
    }
  }

  private BackendView target(Exchange exchange) {
    return EngineTargets.ollama(
        parts.fleet().get(), exchange.header("x-tutti-node").map(TaskWishes::node));
  }

  private EngineRelay relay(
      Exchange exchange, BackendView backend, Duration silence, boolean changes) {
    return new EngineRelay(exchange, parts, limits, backend, silence, changes);
  }
}
