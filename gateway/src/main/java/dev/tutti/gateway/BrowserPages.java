package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.access.Presented;
import dev.tutti.access.Resolution;
import dev.tutti.access.Sessions;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.core.FailureCode;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What people see in a browser: the start page, and before it, where keys are needed, the page
/// that asks for one. Who gives a good key gets a cookie that stands for it; neither is ever in an
/// address or on a page. Owner loop only.
final class BrowserPages {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final byte[] GREETING = "Ollama is running".getBytes(StandardCharsets.UTF_8);
  private static final int SEE_OTHER = 303;
  private static final int UNAUTHENTICATED = 401;

  private final GatewayParts parts;
  private final boolean encrypted;
  private final Function<Exchange, BodyReader> bodies;

  /// @param encrypted whether clients come over TLS
  BrowserPages(GatewayParts parts, boolean encrypted, Function<Exchange, BodyReader> bodies) {
    this.parts = parts;
    this.encrypted = encrypted;
    this.bodies = bodies;
  }

  List<Route> routes() {
    return List.of(
        new Route(GET, "/", Route.Access.KNOWN, this::greet),
        new Route(POST, "/login", Route.Access.OPEN, this::login),
        new Route(POST, "/logout", Route.Access.KNOWN, this::logout));
  }

  /// A page for browsers; Ollama's own words for everybody else, whose clients look for them.
  private void greet(Exchange exchange) {
    exchange.response().putHeader("vary", "accept");
    if (Entrance.wantsPage(exchange)) {
      page(exchange, 200, StartPage.of(parts.hub(), parts.keys().needsKeys()));
    } else {
      exchange.send(200, "text/plain; charset=utf-8", GREETING);
    }
  }

  /// The page that asks for a key, instead of an error that no human wants to read.
  void askForKey(Exchange exchange, Resolution.Why why) {
    page(exchange, UNAUTHENTICATED, LoginPage.of(why));
  }

  private static void page(Exchange exchange, int status, byte[] html) {
    exchange
        .response()
        .putHeader("content-security-policy", Page.POLICY)
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("x-frame-options", "DENY")
        // The origin must stay: without it a form says that it comes from nowhere.
        .putHeader("referrer-policy", "same-origin")
        .putHeader("cache-control", "no-store");
    exchange.send(status, HTML, html);
  }

  private void login(Exchange exchange) {
    if (exchange.header("content-type").filter(type -> type.startsWith(FORM)).isEmpty()) {
      throw Entrance.refusal(
          FailureCode.UNAUTHENTICATED, "content-type: no form (expected: " + FORM + ")");
    }
    BodyReader reader = bodies.apply(exchange);
    reader.read(
        SmallJson.MAX_BYTES,
        body -> {
          reader.release();
          exchange.guarded(_ -> login(exchange, new String(body, StandardCharsets.UTF_8)));
        });
  }

  private void login(Exchange exchange, String form) {
    String key = Escapes.field("form", form, "key").map(String::strip).orElse("");
    var given = new Presented(List.of(key), Optional.empty(), Optional.empty());
    switch (parts.keys().resolve(given, parts.time().now())) {
      case Resolution.Known(var who, _) -> {
        if (!who.keyId().isEmpty()) {
          String secret =
              parts.keys().sessions().begin(who.keyId(), parts.random(), parts.time().now());
          exchange.response().addCookie(cookie(secret, Sessions.LONGEST.toSeconds()));
        }
        home(exchange);
      }
      case Resolution.Refused(var why) -> {
        parts
            .refusals()
            .refused(exchange.actor(), AuditAction.ACCESS_REFUSED, "POST /login", why.message());
        askForKey(exchange, why);
      }
    }
  }

  private void logout(Exchange exchange) {
    Cookie session = exchange.request().getCookie(Entrance.COOKIE);
    if (session != null) {
      parts.keys().sessions().end(session.getValue());
      exchange.response().addCookie(cookie("", 0));
    }
    home(exchange);
  }

  private static void home(Exchange exchange) {
    exchange.response().putHeader("location", "/").putHeader("cache-control", "no-store");
    exchange.empty(SEE_OTHER);
  }

  private Cookie cookie(String value, long seconds) {
    return Cookie.cookie(Entrance.COOKIE, value)
        .setPath("/")
        .setHttpOnly(true)
        .setSecure(encrypted)
        .setSameSite(CookieSameSite.STRICT)
        .setMaxAge(seconds);
  }
}
