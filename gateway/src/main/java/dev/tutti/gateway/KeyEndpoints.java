package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.DELETE;
import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.access.Globs;
import dev.tutti.access.Key;
import dev.tutti.access.KeyWish;
import dev.tutti.access.PeerAddress;
import dev.tutti.access.Quota;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Tier;
import dev.tutti.core.MeshException;
import io.vertx.core.Future;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// `/mesh/v1/keys`: who may use the mesh, and how much. Owner loop only.
final class KeyEndpoints {
  private static final int HIGHEST_PRIORITY = 9;
  private static final int CENTS = 100;

  private final GatewayParts parts;
  private final Function<Exchange, BodyReader> bodies;

  KeyEndpoints(GatewayParts parts, Function<Exchange, BodyReader> bodies) {
    this.parts = parts;
    this.bodies = bodies;
  }

  List<Route> routes() {
    return List.of(
        new Route(GET, "/mesh/v1/keys", Route.Access.ADMIN, this::list),
        new Route(POST, "/mesh/v1/keys", Route.Access.ADMIN, this::create),
        new Route(GET, "/mesh/v1/keys/{key}", Route.Access.ADMIN, this::show),
        new Route(DELETE, "/mesh/v1/keys/{key}", Route.Access.ADMIN, this::revoke));
  }

  private void list(Exchange exchange) {
    exchange.json(
        200, Map.of("keys", parts.keyAdmin().keys().stream().map(this::document).toList()));
  }

  private void show(Exchange exchange) {
    Key key = parts.keyAdmin().key(exchange.parameter()).orElseThrow(() -> Names.unknown("key"));
    exchange.json(200, document(key));
  }

  private void create(Exchange exchange) {
    BodyReader reader = bodies.apply(exchange);
    reader.read(
        SmallJson.MAX_BYTES,
        body -> {
          reader.release();
          exchange.guarded(_ -> {
            KeyWish wish = wish(SmallJson.read(body));
            answer(
                exchange,
                parts.keyAdmin().make(wish, exchange.principal()),
                made -> {
                  var map = new LinkedHashMap<String, Object>(document(made.key()));
                  made.token().ifPresent(token -> map.put("token", token));
                  exchange.response().putHeader("cache-control", "no-store");
                  exchange.json(200, map);
                });
          });
        });
  }

  private void revoke(Exchange exchange) {
    answer(
        exchange,
        parts.keyAdmin().revoke(exchange.parameter(), exchange.principal()),
        key -> exchange.json(200, document(key)));
  }

  private static <T> void answer(Exchange exchange, Future<T> coming, Consumer<T> then) {
    coming
        .onSuccess(value -> exchange.guarded(_ -> then.accept(value)))
        .onFailure(cause ->
            exchange.fail(
                cause instanceof MeshException known
                    ? known.failure()
                    : Faults.bug("command", exchange.request().path(), cause)));
  }

  private static KeyWish wish(SmallJson body) {
    Optional<PeerAddress> address =
        body.optionalText("address")
            .map(text ->
                PeerAddress.of(text)
                    .orElseThrow(
                        () -> Refusals.invalid("address: none (expected: such as 192.168.1.7)")));
    try {
      Rights rights =
          new Rights(
              scopes(body),
              new Globs(body.texts("models", Globs.MAX_PATTERNS)),
              tier(body),
              quota(body),
              body.optionalInt("priority_max", 0, HIGHEST_PRIORITY).orElse(HIGHEST_PRIORITY),
              isLocal(body),
              body.optionalNumber("weight").orElse(1));
      return new KeyWish(body.text("name"), rights, address, expiresAt(body));
    } catch (IllegalArgumentException e) {
      throw Refusals.invalid(String.valueOf(e.getMessage()));
    }
  }

  private static Set<Scope> scopes(SmallJson body) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String name : body.texts("scopes", Scope.values().length)) {
      scopes.add(
          Scope.of(name)
              .orElseThrow(() ->
                  Refusals.invalid("scopes: unknown (expected: infer, admin, tools, nodes)")));
    }
    return scopes;
  }

  private static Tier tier(SmallJson body) {
    return body.optionalText("nodes")
        .map(name ->
            Tier.of(name)
                .orElseThrow(
                    () -> Refusals.invalid("nodes: unknown (expected: guest, usual or trusted)")))
        .orElse(Tier.GUEST);
  }

  private static Quota quota(SmallJson body) {
    double euro = body.optionalNumber("budget_eur").orElse(-1);
    if (euro != -1 && !(euro >= 0 && euro * CENTS <= Quota.MAX)) {
      throw Refusals.invalid("budget_eur: not understood (expected: 0 or more euro a month)");
    }
    return new Quota(
        body.optionalInt("rpm", 0, Quota.MAX).orElse(0),
        body.optionalInt("tpm", 0, Quota.MAX).orElse(0),
        body.optionalInt("concurrent", 0, Quota.MAX).orElse(0),
        euro == -1 ? -1 : Math.round(euro * CENTS));
  }

  private static boolean isLocal(SmallJson body) {
    return switch (body.optionalText("privacy").orElse("any")) {
      case "any" -> false;
      case "local" -> true;
      default -> throw Refusals.invalid("privacy: unknown (expected: local or any)");
    };
  }

  private static Optional<Instant> expiresAt(SmallJson body) {
    try {
      return body.optionalText("expires_at").map(Instant::parse);
    } catch (DateTimeException _) {
      throw Refusals.invalid("expires_at: no time (expected: RFC 3339, 2030-01-31T00:00:00Z)");
    }
  }

  /// A key as it is shown; without what stands for it.
  private Map<String, Object> document(Key key) {
    Instant now = parts.time().now();
    Rights rights = key.rights();
    var map = new LinkedHashMap<String, Object>();
    map.put("id", key.id());
    map.put("name", key.name());
    map.put(
        "state", key.revokedAt().isPresent() ? "revoked" : key.isExpired(now) ? "expired" : "good");
    map.put("scopes", rights.scopes().stream().sorted().map(Scope::wireName).toList());
    map.put("models", new ArrayList<>(rights.models().patterns()));
    map.put("nodes", rights.tier().wireName());
    map.put("rpm", rights.quota().requestsPerMinute());
    map.put("tpm", rights.quota().tokensPerMinute());
    map.put("concurrent", rights.quota().concurrent());
    if (rights.quota().hasBudget()) {
      map.put("budget_eur", rights.quota().budgetCents() / (double) CENTS);
    }
    map.put("priority_max", rights.maxPriority());
    map.put("privacy", rights.local() ? "local" : "any");
    map.put("weight", rights.weight());
    key.address().ifPresent(address -> map.put("address", address.text()));
    map.put("created_at", key.createdAt().toString());
    key.expiresAt().ifPresent(at -> map.put("expires_at", at.toString()));
    key.revokedAt().ifPresent(at -> map.put("revoked_at", at.toString()));
    key.usedAt().ifPresent(at -> map.put("used_at", at.toString()));
    return map;
  }
}
