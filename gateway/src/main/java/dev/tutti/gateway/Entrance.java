package dev.tutti.gateway;

import dev.tutti.access.Doorkeeper;
import dev.tutti.access.Presented;
import dev.tutti.access.Resolution;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Time;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What every request has to pass before an endpoint is looked for: where it comes from, under
/// which name it came, from whose page, and who sent it. Owner loop only.
final class Entrance {
  /// What a browser that logged in has.
  static final String COOKIE = "tutti_session";

  private final Doorkeeper keys;
  private final Cors cors;
  private final Set<String> hosts;
  private final boolean encrypted;
  private final Time time;

  Entrance(Doorkeeper keys, Cors cors, GatewayOptions options, Time time) {
    this.keys = keys;
    this.cors = cors;
    this.hosts = options.hosts();
    this.encrypted = options.tls().isPresent();
    this.time = time;
  }

  /// Whether a peer may be answered at all: without encryption only those may whose words do not
  /// leave the house.
  boolean answers(ClientConnections.Peer peer) {
    return encrypted || peer.isPrivate();
  }

  /// Looks at where a request comes from and under which name.
  ///
  /// @throws MeshException `FORBIDDEN` or `MISDIRECTED`
  void check(Exchange exchange, ClientConnections.Peer peer) {
    if (!answers(peer)) {
      throw refusal(
          FailureCode.FORBIDDEN,
          "plain HTTP is answered on private networks only (expected: https, see the setting tls)");
    }
    HttpServerRequest request = exchange.request();
    String host = host(request);
    if (host != null && !BrowserGuard.isOurs(host, hosts)) {
      throw refusal(
          FailureCode.MISDIRECTED,
          "host: a foreign name (expected: localhost, an address of this hub, or one of the setting"
              + " hosts)");
    }
    String origin = request.getHeader("origin");
    if (origin != null) {
      exchange.response().putHeader("vary", "origin");
      if (!cors.allows(origin, host, keys.needsKeys())) {
        throw refusal(
            FailureCode.FORBIDDEN,
            "origin: a foreign site (expected: none, a page of this machine, or one of the setting"
                + " origins)");
      }
      Cors.open(exchange.response(), origin);
    }
  }

  /// Who sent it.
  ///
  /// @throws MeshException `FORBIDDEN` where only a cookie says so and its page is not ours
  Resolution resolve(Exchange exchange, ClientConnections.Peer peer) {
    HttpServerRequest request = exchange.request();
    Resolution found = keys.resolve(presented(request, peer), time.now());
    if (found instanceof Resolution.Known(_, boolean byCookie) && byCookie) {
      checkPage(request);
    }
    return found;
  }

  private static Presented presented(HttpServerRequest request, ClientConnections.Peer peer) {
    String cookies = request.getHeader("cookie");
    Optional<String> session =
        cookies == null || !cookies.contains(COOKIE)
            ? Optional.empty()
            : Optional.ofNullable(request.getCookie(COOKIE)).map(Cookie::getValue);
    return Presented.of(
        request.getHeader("authorization"),
        request.getHeader("x-api-key"),
        session,
        peer.address());
  }

  /// A browser sends its cookie whoever asks it to. What changes anything, and a WebSocket, must
  /// therefore come from a page of this very hub and say so; what only reads must not say otherwise
  /// (the cookie itself is not sent along by other sites).
  private static void checkPage(HttpServerRequest request) {
    String origin = request.getHeader("origin");
    HttpMethod method = request.method();
    boolean reads =
        (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))
            && request.getHeader("upgrade") == null;
    String site = request.getHeader("sec-fetch-site");
    boolean own =
        origin == null
            ? reads && (site == null || site.equals("same-origin") || site.equals("none"))
            : BrowserGuard.isSame(origin, host(request));
    if (!own) {
      throw refusal(
          FailureCode.FORBIDDEN, "origin: not this hub's own page (expected: one, or a key)");
    }
  }

  /// The name under which the client reached this hub.
  static @Nullable String host(HttpServerRequest request) {
    HostAndPort authority = request.version() == HttpVersion.HTTP_2 ? request.authority() : null;
    return authority == null ? request.getHeader("host") : authority.toString();
  }

  /// Whether the client shows pages to people.
  static boolean wantsPage(Exchange exchange) {
    return exchange
        .header("accept")
        .filter(types -> types.toLowerCase(Locale.ROOT).contains("text/html"))
        .isPresent();
  }

  static MeshException refusal(FailureCode code, String message) {
    return new MeshException(Refusals.pointless(code, message));
  }
}
