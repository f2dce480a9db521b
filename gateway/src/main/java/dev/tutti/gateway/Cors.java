package dev.tutti.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which pages in a browser may read answers: those of this machine, of this hub and of desktop
/// programs, as with Ollama, and, where keys are required, those that the owner lists. Credentials
/// that a browser keeps are never allowed, so a page can use only a key that it has itself.
///
/// The headers are the Fetch standard's, <https://fetch.spec.whatwg.org/#http-cors-protocol>.
final class Cors {
  /// How long a browser may remember a preflight's answer, in seconds: the most that any takes.
  private static final int MAX_AGE_SECONDS = 7_200;

  /// The most header names that one preflight may ask for.
  private static final int MAX_NAMES = 64;

  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]{1,64}");

  /// What a page may read beside the answer.
  private static final String EXPOSED =
      "x-tutti-task, x-tutti-node, x-tutti-backend, x-tutti-model, x-tutti-attempts,"
          + " x-tutti-queue-ms, x-tutti-wait-p50-ms, x-tutti-wait-p90-ms, x-tutti-why, x-tutti-simulated, x-tutti-estimate, x-tutti-left-out,"
          + " x-tutti-estimated-wait-ms, x-tutti-replayed,"
          + " x-ratelimit-limit-requests, x-ratelimit-remaining-requests,"
          + " x-ratelimit-reset-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens,"
          + " x-ratelimit-reset-tokens,"
          + " x-request-id, request-id, retry-after, retry-after-ms, x-should-retry";

  private final Set<String> listed;

  /// @param listed origins that the owner allows where keys are required
  Cors(Set<String> listed) {
    this.listed = Set.copyOf(listed);
  }

  /// Whether pages of that origin may read answers.
  boolean allows(String origin, @Nullable String host, boolean keysRequired) {
    return BrowserGuard.originIsAtHome(origin, host)
        || (keysRequired && listed.contains(origin.toLowerCase(Locale.ROOT)));
  }

  /// Lets the page of an allowed origin read the answer.
  static void open(HttpServerResponse response, String origin) {
    response.putHeader("access-control-allow-origin", origin);
    response.putHeader("access-control-expose-headers", EXPOSED);
  }

  /// Whether a browser asks what it may do before it does it.
  static boolean isPreflight(HttpServerRequest request) {
    return request.getHeader("access-control-request-method") != null;
  }

  /// What a browser with an allowed origin is told before it asks.
  ///
  /// @param methods those of the path
  static void preflight(HttpServerRequest request, Set<String> methods) {
    HttpServerResponse response = request.response();
    response.putHeader("access-control-allow-methods", String.join(", ", methods));
    response.putHeader("access-control-max-age", Integer.toString(MAX_AGE_SECONDS));
    allowedHeaders(request.getHeader("access-control-request-headers"))
        .ifPresent(names -> response.putHeader("access-control-allow-headers", names));
    // A page from outside that the owner allowed may reach into the owner's network.
    if ("true".equals(request.getHeader("access-control-request-private-network"))) {
      response.putHeader("access-control-allow-private-network", "true");
    }
  }

  /// The names that were asked for, since no header does harm that a client outside a browser could
  /// not do; what cannot be a header's name is left out.
  static Optional<String> allowedHeaders(@Nullable String asked) {
    if (asked == null) {
      return Optional.empty();
    }
    var names = new ArrayList<String>();
    for (String name : asked.split(",", MAX_NAMES + 1)) {
      String plain = name.strip().toLowerCase(Locale.ROOT);
      if (names.size() < MAX_NAMES && HEADER_NAME.matcher(plain).matches()) {
        names.add(plain);
      }
    }
    return Optional.of(List.copyOf(names))
        .filter(all -> !all.isEmpty())
        .map(all -> String.join(", ", all));
  }
}
