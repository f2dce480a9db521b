package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What pages in a browser may do.
class BrowsersTest {
  private static final String LISTED = "https://chat.example";
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":true}";

  private final Rig rig =
      new Rig(
          Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))),
          new GatewayOptions(
              "127.0.0.1",
              0,
              0,
              Optional.empty(),
              Set.of(),
              Set.of(LISTED),
              GatewayLimits.DEFAULT));

  @AfterEach
  void close() {
    rig.close();
  }

  private void needKeys() {
    rig.needKeys(TestKeys.owner("ann"));
  }

  private String ask(String method, String path, String... headers) {
    try (var client = new RawClient(rig.port())) {
      client.head(method, path, headers);
      return client.until("\r\n\r\n");
    }
  }

  private String preflight(String origin, String headers) {
    return ask(
        "OPTIONS",
        "/v1/chat/completions",
        "origin: " + origin,
        "access-control-request-method: POST",
        "access-control-request-headers: " + headers);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:3000",
        "https://localhost",
        "http://127.0.0.1:8080",
        "app://obsidian.md",
        "file://",
        "tauri://localhost",
        "vscode-webview://abc"
      })
  void pages_of_this_machine_and_desktop_programs_are_let_in(String origin) {
    String asked =
        "authorization, x-api-key, content-type, anthropic-version, anthropic-beta,"
            + " x-stainless-os, x-stainless-retry-count, x-tutti-type, traceparent";
    assertThat(preflight(origin, asked))
        .startsWith("HTTP/1.1 204")
        .contains("access-control-allow-origin: " + origin + "\r\n")
        .contains("access-control-allow-methods: POST\r\n")
        .contains("access-control-allow-headers: " + asked + "\r\n")
        .contains("access-control-max-age: 7200\r\n")
        .contains("vary: origin\r\n")
        .doesNotContain("credentials");
  }

  @Test
  void an_answer_an_error_and_a_stream_may_be_read_by_the_page() {
    String origin = "origin: http://localhost:3000";
    for (String answer :
        new String[] {ask("GET", "/v1/models", origin), ask("GET", "/v1/nowhere", origin)}) {
      assertThat(answer)
          .contains("access-control-allow-origin: http://localhost:3000\r\n")
          .contains("access-control-expose-headers: x-tutti-task, ")
          .contains("vary: origin\r\n")
          .doesNotContain("credentials");
    }
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", CHAT, origin);
      FakeEngine engine = rig.engine("eve/ollama");
      Eventually.until("the attempt", Duration.ofSeconds(5), () -> !engine.plays.isEmpty());
      engine.plays.getFirst().sayNow("hello");
      assertThat(client.until("hello")).contains("access-control-allow-origin: ");
      engine
          .plays
          .getFirst()
          .failNow(Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "gone"));
      client.untilEnd();
    }
  }

  @Test
  void without_keys_a_foreign_site_is_refused_even_when_it_is_listed() {
    for (String origin : new String[] {"https://evil.example", LISTED, "null"}) {
      assertThat(preflight(origin, "content-type"))
          .startsWith("HTTP/1.1 403")
          .doesNotContain("access-control-allow");
    }
  }

  @Test
  void with_keys_a_listed_site_is_let_in_and_needs_a_key_of_its_own() {
    needKeys();
    assertThat(preflight(LISTED, "authorization")).startsWith("HTTP/1.1 204");
    assertThat(ask("GET", "/v1/models", "origin: " + LISTED))
        .startsWith("HTTP/1.1 401")
        .contains("access-control-allow-origin: " + LISTED);
    assertThat(
            ask(
                "GET",
                "/v1/models",
                "origin: " + LISTED,
                "authorization: " + TestKeys.bearer("ann")))
        .startsWith("HTTP/1.1 200")
        .contains("access-control-allow-origin: " + LISTED);
  }

  @Test
  void with_keys_another_site_may_read_nothing() {
    needKeys();
    assertThat(preflight("https://evil.example", "authorization"))
        .startsWith("HTTP/1.1 403")
        .doesNotContain("access-control-allow");
    assertThat(
            ask(
                "GET",
                "/v1/models",
                "origin: https://evil.example",
                "authorization: " + TestKeys.bearer("ann")))
        .contains("vary: origin")
        .doesNotContain("access-control-allow");
  }

  @Test
  void a_listed_page_from_outside_may_reach_into_the_network() {
    needKeys();
    assertThat(
            ask(
                "OPTIONS",
                "/v1/models",
                "origin: " + LISTED,
                "access-control-request-method: GET",
                "access-control-request-private-network: true"))
        .contains("access-control-allow-private-network: true");
  }

  @Test
  void no_more_names_are_allowed_than_anybody_needs_and_only_names() {
    assertThat(Cors.allowedHeaders("A, b c, d\u00e9, " + "e".repeat(65) + ", x-ok"))
        .hasValue("a, x-ok");
    assertThat(Cors.allowedHeaders(", ,")).isEmpty();
    assertThat(Cors.allowedHeaders(null)).isEmpty();
    String many = String.join(",", java.util.Collections.nCopies(500, "n"));
    assertThat(Arrays.asList(Cors.allowedHeaders(many).orElseThrow().split(", ", -1))).hasSize(64);
  }

  @Test
  void who_is_no_browser_sees_nothing_of_it() {
    assertThat(ask("GET", "/v1/models")).doesNotContain("access-control").doesNotContain("vary");
    assertThat(ask("OPTIONS", "/v1/models")).startsWith("HTTP/1.1 204").contains("allow: GET");
  }
}
