package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What real clients send and expect beside their dialect.
class EdgeTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":false}";
  private static final String[] PATHS = {"/v1/chat/completions", "/api/chat"};

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d")),
              Fleets.backend("bob/ollama", Health.UP, Fleets.model("m", "d")),
              Fleets.backend("tom/ollama", Health.DOWN, Fleets.model("m", "d"))));

  @AfterEach
  void close() {
    rig.close();
  }

  private void answerAll() {
    rig.engines
        .values()
        .forEach(engine ->
            engine.script(play -> {
              play.say("hello");
              play.finish();
            }));
  }

  private FakeEngine.Play begun(String engine) {
    return Eventually.value(
        "an attempt on " + engine,
        SOON,
        () -> rig.engine(engine).plays.isEmpty() ? null : rig.engine(engine).plays.getLast());
  }

  @Test
  @DisplayName("T43 a machine that is down does not slow the list of models")
  void the_list_of_models_asks_nobody() {
    assertThat(rig.get("/v1/models").body()).contains("\"id\":\"m\"");
    assertThat(rig.get("/api/tags").body()).contains("\"model\":\"m:latest\"");
    assertThat(rig.plays()).isZero();
  }

  @Test
  @DisplayName("T45 a body of 62 kB is common, one of 100 MB is read and a larger one is not")
  void large_bodies() {
    answerAll();
    assertThat(rig.post(PATHS[0], CHAT.replace("hi", "h".repeat(62_000))).statusCode())
        .isEqualTo(200);
    int limit = GatewayLimits.DEFAULT.bodies().maxBytes();
    String largest = CHAT.replace("hi", "h".repeat(limit - CHAT.length() + 2));
    assertThat(rig.post(PATHS[0], largest).statusCode()).isEqualTo(200);
    try (var client = new RawClient(rig.port())) {
      client.head("POST", PATHS[0], "content-length: " + (limit + 1));
      assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 413");
    }
    assertThat(rig.get("/metrics").body()).contains("tutti_request_buffered_bytes 0.0");
  }

  @Test
  @DisplayName("T47 one model on two machines answers two at a time")
  void one_model_on_two_machines_answers_two_at_a_time() {
    try (var one = new RawClient(rig.port());
        var two = new RawClient(rig.port())) {
      one.post(PATHS[0], CHAT);
      two.post(PATHS[0], CHAT);
      begun("eve/ollama").sayNow("hello");
      begun("bob/ollama").sayNow("hello");
      begun("eve/ollama").finishNow();
      begun("bob/ollama").finishNow();
      one.until("hello");
      two.until("hello");
    }
  }

  @Test
  @DisplayName("T48 the best place is tried first, and the next one when it fails")
  void the_next_best_place_answers_when_the_best_fails() {
    String first = rig.get("/mesh/v1/routes/explain?model=m").body();
    String best = first.contains("\"rank\":1,\"backend\":\"eve") ? "eve/ollama" : "bob/ollama";
    rig.engine(best)
        .script(play ->
            play.fail(
                Failure.of(
                    FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "nobody there")));
    rig.engine(best.equals("eve/ollama") ? "bob/ollama" : "eve/ollama")
        .script(play -> {
          play.say("hello");
          play.finish();
        });
    HttpResponse<String> answer = rig.post(PATHS[0], CHAT);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("x-tutti-attempts")).hasValue("2");
    assertThat(rig.engine(best).plays).hasSize(1);
  }

  @Test
  @DisplayName("T49 a client's own id comes back under both names, on answers and errors")
  void a_clients_id_comes_back() {
    answerAll();
    for (String header : new String[] {"x-request-id", "request-id"}) {
      for (HttpResponse<String> answer :
          java.util.List.of(
              rig.post(PATHS[0], CHAT, header, "mine-1"),
              rig.post(PATHS[1], "no JSON", header, "mine-1"),
              rig.get("/v1/nowhere", header, "mine-1"),
              rig.get("/mesh/v1/nodes", header, "mine-1"))) {
        assertThat(answer.headers().firstValue("x-request-id")).hasValue("mine-1");
        assertThat(answer.headers().firstValue("request-id")).hasValue("mine-1");
      }
    }
  }

  @Test
  @DisplayName("T49 every request has an id of its own, which is its task's where it is work")
  void ids_are_unique() {
    answerAll();
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      HttpResponse<String> answer = rig.post(PATHS[i % 2], CHAT);
      String id = answer.headers().firstValue("request-id").orElseThrow();
      assertThat(answer.headers().firstValue("x-tutti-task")).hasValue(id);
      assertThat(answer.headers().firstValue("x-request-id")).hasValue(id);
      assertThat(ids.add(id)).isTrue();
      String other = rig.get("/v1/nowhere").headers().firstValue("request-id").orElseThrow();
      assertThat(other).startsWith("req_");
      assertThat(ids.add(other)).isTrue();
    }
    HttpResponse<String> odd = rig.get("/health", "x-request-id", "two words");
    assertThat(odd.headers().firstValue("x-request-id").orElseThrow()).startsWith("req_");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/api/tags", "/mesh/v1/nodes", "/metrics"})
  @DisplayName("A key is taken from either header on every path")
  void both_key_headers_on_every_path(String path) {
    rig.needKeys(TestKeys.owner("ann"));
    assertThat(rig.get(path, "authorization", TestKeys.bearer("ann")).statusCode()).isEqualTo(200);
    assertThat(rig.get(path, "authorization", "bearer " + TestKeys.token("ann")).statusCode())
        .isEqualTo(200);
    assertThat(rig.get(path, "x-api-key", TestKeys.token("ann")).statusCode()).isEqualTo(200);
    assertThat(rig.get(path, "x-api-key", "other").statusCode()).isEqualTo(401);
    assertThat(rig.get(path).statusCode()).isEqualTo(401);
  }

  @Test
  void an_expectation_that_nobody_knows_is_refused() {
    for (String path : PATHS) {
      try (var client = new RawClient(rig.port())) {
        client.post(path, CHAT, "expect: the-impossible");
        assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 417");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions/",
        "/v1//chat/completions",
        "//v1/chat/completions",
        "/v1/chat///completions//"
      })
  void slashes_too_many_do_no_harm(String path) {
    answerAll();
    // As a client joins a base that ends in a slash and a path that begins with one.
    try (var client = new RawClient(rig.port())) {
      client.post(path, CHAT);
      assertThat(client.until("hello")).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/api/version", "/api/tags", "/v1/models", "/v1/models/m", "/health"})
  void head_tells_what_get_would_and_nothing_else(String path) {
    HttpResponse<String> get = rig.get(path);
    HttpResponse<String> head =
        rig.send(rig.request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    for (String name : new String[] {"content-type", "content-length"}) {
      assertThat(head.headers().firstValue(name)).isEqualTo(get.headers().firstValue(name));
    }
  }

  @Test
  @DisplayName("A refusal says when to come back, in seconds and milliseconds, or never")
  void when_to_come_back() {
    try (var one = new RawClient(rig.port());
        var two = new RawClient(rig.port())) {
      one.post(PATHS[0], CHAT);
      two.post(PATHS[0], CHAT);
      begun("eve/ollama");
      begun("bob/ollama");
      for (String path : PATHS) {
        HttpResponse<String> busy = rig.post(path, CHAT, "x-tutti-ttl-ms", "0");
        assertThat(busy.statusCode()).isEqualTo(503);
        assertThat(busy.headers().firstValue("retry-after").orElseThrow()).matches("[1-9]\\d*");
        assertThat(busy.headers().firstValue("retry-after-ms").orElseThrow()).matches("[1-9]\\d*");
        assertThat(busy.headers().firstValue("x-should-retry")).isEmpty();

        HttpResponse<String> never = rig.post(path, CHAT.replace("\"m\"", "\"never\""));
        assertThat(never.statusCode()).isEqualTo(404);
        assertThat(never.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(never.headers().firstValue("retry-after")).isEmpty();
      }
      String messages = CHAT.replace("{\"model\"", "{\"max_tokens\":9,\"model\"");
      HttpResponse<String> overloaded = rig.post("/v1/messages", messages, "x-tutti-ttl-ms", "0");
      assertThat(overloaded.statusCode()).isEqualTo(529);
      assertThat(overloaded.headers().firstValue("retry-after").orElseThrow()).matches("[1-9]\\d*");
    }
  }

  @Test
  @DisplayName("One session reaches the dispatcher: our header, a known one, the body's, or a hash")
  void sessions() {
    answerAll();
    rig.needKeys(TestKeys.owner("ann"));
    String keyed = CHAT.replace("{\"model\"", "{\"prompt_cache_key\":\"body\",\"model\"");
    String[] key = {"x-api-key", TestKeys.token("ann")};
    assertThat(session(keyed, key, "x-session-id", "known", "x-tutti-session", "ours"))
        .isEqualTo("ann/ours");
    assertThat(session(keyed, key, "x-session-affinity", "known")).isEqualTo("ann/known");
    assertThat(session(keyed, key, "x-claude-code-session-id", "known")).isEqualTo("ann/known");
    assertThat(session(keyed, key, "session-id", "known")).isEqualTo("ann/known");
    assertThat(session(keyed, key, "thread-id", "known")).isEqualTo("ann/known");
    assertThat(session(keyed, key)).isEqualTo("ann/body");
    assertThat(session(CHAT, key)).matches("c-[0-9a-f]{24}");
    assertThat(session(CHAT, key, "x-session-id", "x".repeat(300))).matches("c-[0-9a-f]{24}");
  }

  private String session(String body, String[] key, String... headers) {
    int before = rig.plays();
    String[] all =
        java.util.stream.Stream.of(key, headers)
            .flatMap(java.util.Arrays::stream)
            .toArray(String[]::new);
    assertThat(rig.post(PATHS[0], body, all).statusCode()).isEqualTo(200);
    assertThat(rig.plays()).isEqualTo(before + 1);
    return rig.engines.values().stream()
        .flatMap(engine -> engine.plays.stream())
        .max(java.util.Comparator.comparingLong(play -> play.number))
        .orElseThrow()
        .task
        .session();
  }
}
