package dev.tutti.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the codec lets through and two programs could read in two ways: a request without a host or
/// with several, a host that is none, and a target that names another host (RFC 9112, sections 3.2
/// and 3.2.2).
final class HeadRules {
  private static final Pattern HOST =
      Pattern.compile(
          "(?:[A-Za-z0-9._~%-]+|\\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._~-]+)?\\])(?::[0-9]{1,5})?");
  private static final int MAX_PORT = 65_535;

  private HeadRules() {}

  /// Why a request's head is refused; empty when it is in order.
  static Optional<String> objection(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      return Optional.empty();
    }
    List<String> hosts = request.headers().getAll("host");
    boolean older = request.version() == HttpVersion.HTTP_1_0;
    if (hosts.isEmpty() && older) {
      return Optional.empty();
    }
    if (hosts.size() != 1) {
      return Optional.of("host: " + hosts.size() + " times (expected: once)");
    }
    String host = hosts.getFirst();
    if (!HOST.matcher(host).matches() || port(host) > MAX_PORT) {
      return Optional.of("host: malformed (expected: HOST or HOST:PORT)");
    }
    if (named(request.uri()).filter(other -> !other.equalsIgnoreCase(host)).isPresent()) {
      return Optional.of("target: another host (expected: the one in the header host)");
    }
    return Optional.empty();
  }

  private static int port(String host) {
    int colon = host.lastIndexOf(':');
    boolean none = colon < 0 || host.endsWith("]");
    return none ? 0 : Integer.parseInt(host.substring(colon + 1));
  }

  /// The host in a target that is a whole URL, as proxies are sent it.
  private static Optional<String> named(String target) {
    if (target.startsWith("/") || !target.contains("://")) {
      return Optional.empty();
    }
    try {
      return Optional.of(String.valueOf(URI.create(target).getRawAuthority()));
    } catch (IllegalArgumentException _) {
      return Optional.of("");
    }
  }
}
