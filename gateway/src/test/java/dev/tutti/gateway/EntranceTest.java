package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.access.PeerAddress;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What stands between the network and the endpoints.
class EntranceTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":true}";
  private static final String FORM = "content-type: application/x-www-form-urlencoded";
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FROB");

  private final Rig rig =
      new Rig(
          Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))),
          new GatewayOptions(
              "127.0.0.1",
              0,
              0,
              Optional.empty(),
              Set.of("ai.example.org"),
              Set.of("https://chat.example"),
              GatewayLimits.DEFAULT));

  @AfterEach
  void close() {
    rig.close();
  }

  private String raw(String head) {
    try (var client = new RawClient(rig.port())) {
      client.send(head + "\r\n");
      return client.until("\r\n\r\n");
    }
  }

  private String ask(String method, String path, String... headers) {
    try (var client = new RawClient(rig.port())) {
      client.head(method, path, headers);
      return client.until("\r\n\r\n");
    }
  }

  private String login(String key, String... headers) {
    try (var client = new RawClient(rig.port())) {
      var all = new java.util.ArrayList<>(List.of(headers));
      all.add(FORM);
      client.post("/login", "key=" + key, all.toArray(String[]::new));
      return client.until("\r\n\r\n");
    }
  }

  private String cookie() {
    Matcher found =
        Pattern.compile("tutti_session=([0-9a-f]{64});").matcher(login(TestKeys.token("ann")));
    assertThat(found.find()).isTrue();
    return "cookie: theme=dark; tutti_session=" + found.group(1);
  }

  @Test
  void who_is_refused_is_written_down_without_what_they_said() {
    rig.needKeys(TestKeys.owner("ann"), TestKeys.user("bob"));
    String secret = "tutti_ffff_" + "x".repeat(40);
    for (int i = 0; i < 50; i++) {
      ask("GET", "/v1/models?key=" + secret, "authorization: Bearer " + secret);
    }
    ask("GET", "/mesh/v1/keys", "authorization: " + TestKeys.bearer("bob"));
    login(secret);
    assertThat(rig.audited)
        .allMatch(entry -> entry.action() == AuditAction.ACCESS_REFUSED)
        .allMatch(entry -> entry.actor().from().equals("127.0.0.1"))
        .extracting(entry -> entry.actor().name() + " " + entry.target())
        .containsExactly(" GET /v1/models", "bob GET /mesh/v1/keys");
    assertThat(rig.audited.toString()).doesNotContain(secret);
  }

  @Test
  void who_has_no_key_gets_nothing_but_refusals_on_any_path_with_any_method() {
    rig.needKeys(TestKeys.owner("ann"));
    var paths = new TreeSet<String>();
    rig.routes().forEach(route -> paths.add(route.pattern().replaceAll("\\{[^}]*}", "x")));
    paths.addAll(
        List.of(
            "/v1/images/generations",
            "/v1/responses/x",
            "/v1",
            "/api",
            "/nothing",
            "/mesh/v1/",
            "/HEALTH",
            "/health/../mesh/v1/nodes",
            "//mesh//v1//nodes",
            "/mesh/v1/nodes%2f..",
            "/%2e%2e/metrics",
            "/login/",
            "/favicon.ico",
            "*"));
    for (String path : paths) {
      for (String method : METHODS) {
        String answer = ask(method, path, "content-length: 0", "x-tutti-hop: hub-1");
        int status = Integer.parseInt(answer.substring(9, 12));
        boolean open = path.equals("/health") && (method.equals("GET") || method.equals("HEAD"));
        if (open) {
          assertThat(status).isEqualTo(200);
        } else {
          assertThat(status).as(method + " " + path).isIn(401, 403, 404, 405, 421, 426);
        }
      }
    }
  }

  @Test
  void an_upgrade_or_an_expectation_opens_nothing() {
    rig.needKeys(TestKeys.owner("ann"));
    String upgrade =
        ask(
            "GET",
            "/mesh/v1/events",
            "connection: upgrade",
            "upgrade: websocket",
            "sec-websocket-version: 13",
            "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==");
    assertThat(upgrade).startsWith("HTTP/1.1 401");
    assertThat(ask("POST", "/api/chat", "expect: 200-maybe", "content-length: 5"))
        .startsWith("HTTP/1.1 401");
  }

  @Test
  void a_name_that_is_not_ours_is_misdirected_with_and_without_keys() {
    for (int i = 0; i < 2; i++) {
      assertThat(raw("GET /health HTTP/1.1\r\nhost: evil.example\r\n")).startsWith("HTTP/1.1 421");
      assertThat(raw("GET /health HTTP/1.1\r\nhost: ai.example.org:8765\r\n"))
          .startsWith("HTTP/1.1 200");
      assertThat(raw("GET http://evil.example/health HTTP/1.1\r\nhost: evil.example\r\n"))
          .startsWith("HTTP/1.1 421");
      rig.needKeys(TestKeys.owner("ann"));
    }
  }

  @Test
  void the_name_in_host_changes_nothing_about_what_may_be_done() {
    rig.needKeys(TestKeys.user("ben"));
    for (String host : List.of("localhost", "127.0.0.1", "ai.example.org", "hub-1", "[::1]")) {
      assertThat(
              raw(
                  "GET /mesh/v1/nodes HTTP/1.1\r\nhost: "
                      + host
                      + "\r\nx-forwarded-host: localhost\r\nx-forwarded-for: 127.0.0.1\r\n"))
          .startsWith("HTTP/1.1 401");
      assertThat(
              raw(
                  "GET /mesh/v1/nodes HTTP/1.1\r\nhost: "
                      + host
                      + "\r\nauthorization: "
                      + TestKeys.bearer("ben")
                      + "\r\n"))
          .startsWith("HTTP/1.1 403");
    }
  }

  @Test
  void only_private_networks_are_answered_without_encryption() {
    var entrance = entrance(Optional.empty());
    assertThat(entrance.answers(peer("192.168.1.5"))).isTrue();
    assertThat(entrance.answers(peer("203.0.113.5"))).isFalse();
    assertThat(entrance.answers(ClientConnections.Peer.UNKNOWN)).isFalse();
    var files = new GatewayOptions.Tls(java.nio.file.Path.of("c"), java.nio.file.Path.of("k"));
    assertThat(entrance(Optional.of(files)).answers(peer("203.0.113.5"))).isTrue();
  }

  private Entrance entrance(Optional<GatewayOptions.Tls> tls) {
    var options =
        new GatewayOptions("0.0.0.0", 0, 0, tls, Set.of(), Set.of(), GatewayLimits.DEFAULT);
    return new Entrance(rig.keys, new Cors(Set.of()), options, rig.time);
  }

  private static ClientConnections.Peer peer(String text) {
    PeerAddress address = PeerAddress.of(text).orElseThrow();
    return new ClientConnections.Peer(Optional.of(address), address.isPrivate());
  }

  @Test
  void a_browser_is_asked_for_a_key_and_told_nothing_else() {
    rig.needKeys(TestKeys.owner("ann"));
    try (var client = new RawClient(rig.port())) {
      client.head("GET", "/", "accept: text/html");
      assertThat(client.until("</html>"))
          .startsWith("HTTP/1.1 401")
          .contains("content-security-policy: default-src 'none'; style-src 'sha256-")
          .doesNotContain("unsafe-inline")
          .contains("cache-control: no-store")
          .contains("x-frame-options: DENY")
          .contains("action=\"/login\"")
          .doesNotContain("bob");
    }
  }

  @Test
  void a_good_key_becomes_a_cookie_that_no_page_and_no_other_site_can_read() {
    rig.needKeys(TestKeys.owner("ann"));
    String answer = login(TestKeys.token("ann"));
    assertThat(answer)
        .startsWith("HTTP/1.1 303")
        .contains("location: /\r\n")
        .containsIgnoringCase("; HttpOnly;")
        .contains("; SameSite=Strict")
        .contains("Path=/")
        .doesNotContain(TestKeys.token("ann"));
    assertThat(login("tutti_ann_wrong")).startsWith("HTTP/1.1 401").doesNotContain("set-cookie");
    assertThat(login(TestKeys.token("ann"), "origin: https://evil.example"))
        .startsWith("HTTP/1.1 403");
    assertThat(login(TestKeys.token("ann"), "origin: null")).startsWith("HTTP/1.1 403");
    String cookie = cookie();
    assertThat(ask("GET", "/mesh/v1/nodes", cookie)).startsWith("HTTP/1.1 200");
    assertThat(ask("GET", "/mesh/v1/nodes", cookie + "x")).startsWith("HTTP/1.1 401");
    rig.revoke("ann");
    assertThat(ask("GET", "/mesh/v1/nodes", cookie)).startsWith("HTTP/1.1 401");
  }

  @Test
  void a_cookie_counts_only_for_the_hubs_own_pages() {
    rig.needKeys(TestKeys.owner("ann"));
    String cookie = cookie();
    String own = "origin: http://localhost";
    String drain = "/mesh/v1/nodes/eve/drain";
    assertThat(ask("POST", drain, cookie, "content-length: 0")).startsWith("HTTP/1.1 403");
    for (String foreign :
        List.of(
            "https://evil.example",
            "null",
            "http://localhost:3000",
            "https://chat.example",
            "app://some.program")) {
      assertThat(ask("POST", drain, cookie, "content-length: 0", "origin: " + foreign))
          .as(foreign)
          .startsWith("HTTP/1.1 403");
      assertThat(ask("GET", "/mesh/v1/nodes", cookie, "origin: " + foreign))
          .as(foreign)
          .startsWith("HTTP/1.1 403");
    }
    assertThat(ask("GET", "/mesh/v1/nodes", cookie, "sec-fetch-site: cross-site"))
        .startsWith("HTTP/1.1 403");
    assertThat(
            ask(
                "GET",
                "/mesh/v1/events",
                cookie,
                "connection: upgrade",
                "upgrade: websocket",
                "sec-websocket-version: 13",
                "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="))
        .startsWith("HTTP/1.1 403");
    assertThat(rig.admin.commands).isEmpty();
    assertThat(ask("POST", drain, cookie, "content-length: 0", own)).startsWith("HTTP/1.1 200");
    assertThat(ask("POST", "/logout", cookie, "content-length: 0", own))
        .startsWith("HTTP/1.1 303")
        .contains("Max-Age=0");
    assertThat(ask("GET", "/mesh/v1/nodes", cookie)).startsWith("HTTP/1.1 401");
  }

  @Test
  void what_a_key_has_under_way_ends_soon_after_the_key() {
    rig.needKeys(TestKeys.owner("ann"), TestKeys.owner("ben"));
    String bearer = "authorization: " + TestKeys.bearer("ann");
    var closed = new CompletableFuture<Integer>();
    Rig.await(
        rig.http
            .newWebSocketBuilder()
            .header("authorization", TestKeys.bearer("ann"))
            .buildAsync(
                URI.create("ws://127.0.0.1:" + rig.port() + "/mesh/v1/events"),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onClose(WebSocket socket, int code, String why) {
                    closed.complete(code);
                    return CompletableFuture.completedFuture(null);
                  }

                  @Override
                  public void onError(WebSocket socket, Throwable fault) {
                    closed.complete(-1);
                  }
                }));
    try (var answer = new RawClient(rig.port());
        var events = new RawClient(rig.port());
        var others = new RawClient(rig.port())) {
      events.head("GET", "/mesh/v1/events", bearer);
      events.until(": tutti events");
      others.head("GET", "/mesh/v1/events", "authorization: " + TestKeys.bearer("ben"));
      others.until(": tutti events");
      answer.post("/v1/chat/completions", CHAT, bearer);
      FakeEngine engine = rig.engine("eve/ollama");
      Eventually.until("the attempt", SOON, () -> !engine.plays.isEmpty());
      engine.plays.getFirst().sayNow("hello");
      answer.until("hello");
      long before = System.nanoTime();
      rig.revoke("ann");
      assertThat(answer.untilEnd()).doesNotContain("[DONE]");
      events.untilEnd();
      assertThat(Rig.await(closed)).isNotZero();
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
      Eventually.until(
          "the task's end", SOON, () -> rig.onOwner(() -> rig.dispatcher.active()) == 0);
      assertThat(ask("GET", "/v1/models", bearer)).startsWith("HTTP/1.1 401");
      Eventually.until(
          "only the other watches", SOON, () -> rig.onOwner(rig.feed::subscribers) == 1);
    }
  }
}
