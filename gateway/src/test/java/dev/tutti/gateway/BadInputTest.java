package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
  private static final int MAX_BODY = 300_000;
  private static final String GOOD =
      "{\"model\":\"m\",\"max_tokens\":9,"
          + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Rig rig = rig();

  private static Rig rig() {
    return new Rig(
        Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))),
        GatewayLimits.DEFAULT
            .with(
                GatewayLimits.DEFAULT
                    .bodies()
                    .withSizes(MAX_BODY, MAX_BODY + MAX_BODY / 2)
                    .withIdle(Duration.ofMillis(300)))
            .with(GatewayLimits.DEFAULT.connections().withIdle(Duration.ofMillis(600)))
            .with(GatewayLimits.DEFAULT.answers().withStall(Duration.ofSeconds(5))));
  }

  @BeforeAll
  void nothing_has_run() {
    assertThat(rig.engine("eve/ollama").plays).isEmpty();
  }

  @AfterAll
  void nothing_reached_the_engine_and_nothing_is_left() {
    assertThat(rig.engine("eve/ollama").plays).isEmpty();
    assertThat(rig.onOwner(rig.dispatcher::waiting)).isZero();
    assertThat(rig.get("/metrics").body()).contains("tutti_request_buffered_bytes 0.0");
    rig.close();
  }

  static Stream<Arguments> bodies() {
    String deep = "[".repeat(100_000);
    String deepField = "{\"model\":\"m\",\"messages\":" + deep + "]".repeat(100_000) + "}";
    return Stream.of(
            bad("malformed JSON", "{\"model\":", 400),
            bad("no JSON", "hello", 400),
            bad("an empty body", "", 400),
            bad("an array", "[]", 400),
            bad("nothing but brackets", deep, 400),
            bad("a field 100 000 deep", deepField, 400),
            bad("two documents", GOOD + GOOD, 400),
            bad("a model that is a number", GOOD.replace("\"m\"", "7"), 400),
            bad("messages that are text", "{\"model\":\"m\",\"messages\":\"hi\"}", 400),
            bad(
                "a stream that is text",
                GOOD.replace("{\"model\"", "{\"stream\":\"yes\",\"model\""),
                400),
            bad("an unknown model", GOOD.replace("\"m\"", "\"never\""), 404),
            bad("a model with control characters", GOOD.replace("\"m\"", "\"m\\u0001\""), 400),
            bad(
                "a model of a thousand letters",
                GOOD.replace("\"m\"", "\"" + "m".repeat(1000) + "\""),
                400),
            bad("a body beyond the limit", GOOD.replace("hi", "h".repeat(MAX_BODY)), 413),
            bad("a priority beyond the range", GOOD, 400, "x-tutti-priority", "10"),
            bad("a priority that is a word", GOOD, 400, "x-tutti-priority", "high"),
            bad("a waiting time that is a word", GOOD, 400, "x-tutti-ttl-ms", "soon"),
            bad("a waiting time below zero", GOOD, 400, "x-tutti-ttl-ms", "-1"),
            bad("a waiting time of weeks", GOOD, 400, "x-tutti-ttl-ms", "9999999999"),
            bad("an unknown type", GOOD, 400, "x-tutti-type", "poetry"),
            bad("a node that cannot be", GOOD, 400, "x-tutti-node", "Not A Node"),
            bad("a node that is not", GOOD, 404, "x-tutti-node", "nobody"),
            bad("an unclear consent", GOOD, 400, "x-tutti-substitute", "maybe"),
            bad("an unknown privacy", GOOD, 400, "x-tutti-privacy", "secret"),
            bad("a compressed body", GOOD, 400, "content-encoding", "br"),
            bad("a request that has been here", GOOD, 508, "x-tutti-hop", "other, hub-1"))
        .flatMap(row ->
            Stream.of("/v1/chat/completions", "/api/chat", "/v1/messages")
                .map(path -> Arguments.of(row.name, path, row)));
  }

  record Row(String name, String body, int status, List<String> headers) {
    @Override
    public String toString() {
      return Integer.toString(status);
    }
  }

  private static Row bad(String name, String body, int status, String... headers) {
    return new Row(name, body, status, List.of(headers));
  }

  @ParameterizedTest(name = "{0} at {1} is refused with {2}")
  @MethodSource("bodies")
  void a_bad_request_gets_the_dialects_own_error(String name, String path, Row row) {
    HttpResponse<String> answer = rig.post(path, row.body, row.headers.toArray(String[]::new));
    assertThat(answer.statusCode()).as(name).isEqualTo(row.status);
    assertShape(path, answer);
  }

  private static void assertShape(String path, HttpResponse<String> answer) {
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    JsonNode error = JSON.readTree(answer.body()).get("error");
    assertThat(answer.body()).doesNotContain("Exception").doesNotContain("dev.tutti");
    if (path.startsWith("/v1/messages")) {
      assertThat(JSON.readTree(answer.body()).path("type").stringValue()).isEqualTo("error");
      assertThat(error.propertyNames()).containsExactlyInAnyOrder("type", "message");
    } else if (path.startsWith("/v1")) {
      assertThat(error.propertyNames()).contains("message", "type", "param", "code");
      assertThat(error.get("message").stringValue()).isNotBlank();
    } else if (path.startsWith("/api")) {
      assertThat(error.isString()).isTrue();
      assertThat(error.stringValue()).isNotBlank();
    } else {
      assertThat(error.propertyNames()).contains("code", "message");
    }
  }

  static Stream<Arguments> paths() {
    return Stream.of(
        Arguments.of("GET", "/v1/chat/completions", 405),
        Arguments.of("PUT", "/api/chat", 405),
        Arguments.of("GET", "/v1/messages", 405),
        Arguments.of("POST", "/v1/messages/nothing", 404),
        Arguments.of("GET", "/v1/messages/batches", 501),
        Arguments.of("POST", "/mesh/v1/nodes", 405),
        Arguments.of("DELETE", "/health", 405),
        Arguments.of("GET", "/v1/nowhere", 404),
        Arguments.of("GET", "/api/nowhere", 404),
        Arguments.of("GET", "/mesh/v1/nowhere", 404),
        Arguments.of("GET", "/favicon.ico", 404),
        Arguments.of("GET", "/v1/models/never", 404),
        Arguments.of("POST", "/v1/responses/r1/cancel", 501),
        Arguments.of("POST", "/v1/audio/translations", 501),
        Arguments.of("GET", "/v1/files/abc", 404),
        Arguments.of("GET", "/mesh/v1/nodes/nobody", 404),
        Arguments.of("GET", "/mesh/v1/nodes/NO%20NODE", 404),
        Arguments.of("GET", "/mesh/v1/backends/nobody/x", 404),
        Arguments.of("GET", "/mesh/v1/tasks/t-none", 404),
        Arguments.of("DELETE", "/mesh/v1/tasks/t-none", 404),
        Arguments.of("POST", "/mesh/v1/nodes/nobody/drain", 404),
        Arguments.of("GET", "/mesh/v1/events?after=x", 400),
        Arguments.of("GET", "/mesh/v1/routes/explain?type=poetry", 400));
  }

  @ParameterizedTest(name = "{0} {1} is refused with {2}")
  @MethodSource("paths")
  void a_wrong_path_or_method_gets_the_surfaces_own_error(String method, String path, int status) {
    HttpResponse<String> answer =
        rig.send(rig.request(path).method(method, HttpRequest.BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(status);
    assertShape(path, answer);
    if (status == 405) {
      assertThat(answer.headers().firstValue("allow")).isPresent();
    }
  }

  static Stream<Arguments> commands() {
    return Stream.of(
        Arguments.of("/mesh/v1/backends", "{}"),
        Arguments.of("/mesh/v1/backends", "{\"url\":7}"),
        Arguments.of("/mesh/v1/backends", "{\"url\":\"file:///etc/passwd\"}"),
        Arguments.of("/mesh/v1/backends", "{\"url\":\"http://\"}"),
        Arguments.of("/mesh/v1/backends", "{\"url\":\"http://h\",\"slots\":0}"),
        Arguments.of("/mesh/v1/backends", "{\"url\":\"http://h\",\"slots\":1.5}"),
        Arguments.of("/mesh/v1/backends", "{\"url\":\"http://h\",\"name\":\"a b\"}"),
        Arguments.of("/mesh/v1/invites", "{\"name\":\"UPPER\"}"),
        Arguments.of("/mesh/v1/invites", "{\"name\":\"n\",\"role\":\"king\"}"),
        Arguments.of("/mesh/v1/invites", "[1]"),
        Arguments.of("/api/heartbeat", "{\"node_id\":\"n\",\"timestamp\":\"yesterday\"}"),
        Arguments.of("/api/heartbeat", "{}"),
        Arguments.of("/api/register", "{\"node_id\":\"n\",\"services\":7}"),
        Arguments.of(
            "/api/register",
            "{\"node_id\":\"n\",\"services\":{\"ollama\":true,\"ollama_port\":70000}}"),
        Arguments.of("/api/show", "{}"));
  }

  @ParameterizedTest(name = "{0} with {1}")
  @MethodSource("commands")
  void a_command_that_makes_no_sense_is_refused(String path, String body) {
    HttpResponse<String> answer = rig.post(path, body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertShape(path, answer);
    assertThat(rig.admin.commands).isEmpty();
  }

  @Test
  void half_a_request_is_refused_after_the_allowed_silence() {
    try (var client = new RawClient(rig.port())) {
      client.head("POST", "/v1/chat/completions", "content-length: 500").send("{");
      assertThat(client.untilEnd()).startsWith("HTTP/1.1 400").contains("\"error\"");
    }
  }

  @Test
  void half_a_head_is_cut_off() {
    try (var client = new RawClient(rig.port())) {
      client.send("GET /health HTTP/1.1\r\nhost: loc");
      assertThat(client.untilEnd()).doesNotContain("200");
    }
  }

  @Test
  void half_a_request_of_a_client_that_leaves_leaves_nothing() {
    try (var client = new RawClient(rig.port())) {
      client.head("POST", "/api/chat", "content-length: 90000").send("x".repeat(50_000));
      Eventually.until(
          "the bytes",
          Duration.ofSeconds(5),
          () -> !rig.get("/metrics").body().contains("tutti_request_buffered_bytes 0.0"));
    }
    Eventually.until(
        "the release",
        Duration.ofSeconds(1),
        () -> rig.get("/metrics").body().contains("tutti_request_buffered_bytes 0.0"));
  }

  @Test
  void bodies_beyond_the_common_budget_are_told_to_come_back() {
    String piece = "x".repeat(MAX_BODY - 1_000);
    String length = "content-length: " + MAX_BODY;
    try (var first = new RawClient(rig.port());
        var second = new RawClient(rig.port())) {
      first.head("POST", "/api/chat", length).send(piece);
      Eventually.until(
          "the bytes",
          Duration.ofSeconds(5),
          () -> !rig.get("/metrics").body().contains("tutti_request_buffered_bytes 0.0"));
      second.head("POST", "/api/chat", length).send(piece.substring(0, MAX_BODY / 2 + 5_000));
      assertThat(second.until("\r\n\r\n"))
          .startsWith("HTTP/1.1 503")
          .contains("retry-after: 1")
          .contains("connection: close");
    }
  }

  @Test
  void a_body_that_announces_too_much_is_refused_before_it_is_sent() {
    try (var client = new RawClient(rig.port())) {
      client.head(
          "POST", "/v1/chat/completions", "expect: 100-continue", "content-length: 99999999999");
      assertThat(client.until("\"error\""))
          .startsWith("HTTP/1.1 413")
          .doesNotContain("100 Continue");
    }
  }

  @Test
  void a_chunked_body_is_bounded_too() {
    try (var client = new RawClient(rig.port())) {
      client.head("POST", "/api/chat", "transfer-encoding: chunked");
      String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
      for (int sent = 0; sent <= MAX_BODY; sent += 0x4000) {
        client.send(chunk);
      }
      assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void bytes_that_are_no_request_end_the_connection() {
    List<String> heads =
        List.of(
            "hello\r\n\r\n",
            "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: h\r\nx: " + "y".repeat(60_000) + "\r\n\r\n",
            "GET / HTTP/1.1\r\nbad header\r\n\r\n");
    for (String head : heads) {
      try (var client = new RawClient(rig.port())) {
        client.send(head);
        assertThat(client.untilEnd())
            .containsPattern("^HTTP/1\\.[01] 4[0-9][0-9] ")
            .contains("\"error\"");
      }
    }
  }

  @Test
  void a_malformed_escape_in_a_path_is_refused() {
    try (var client = new RawClient(rig.port())) {
      client.head("GET", "/v1/models/%zz");
      assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void a_page_from_another_site_cannot_command() {
    try (var client = new RawClient(rig.port())) {
      client.post("/mesh/v1/backends", "{\"url\":\"http://evil\"}", "origin: https://evil.example");
      assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 403");
    }
    assertThat(rig.admin.commands).isEmpty();
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {"/", "/api/version", "/api/tags", "/v1/models", "/props", "/health"})
  void a_hub_that_asks_itself_what_it_is_is_told_that_it_is_itself(String path) {
    assertThat(rig.get(path, "x-tutti-hop", "hub-1").statusCode()).isEqualTo(508);
  }
}
