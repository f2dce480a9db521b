package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EngineEndpointsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String PULL = "{\"model\":\"m2\"}";
  private static final String DIGEST = "sha256:" + "0a".repeat(32);

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend("bob/ollama", Health.UP, Fleets.model("m", "d")),
              Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))));

  @AfterEach
  void close() {
    rig.close();
  }

  private FakeCalls.Play play() {
    Eventually.until("a call", SOON, () -> !rig.calls.plays.isEmpty());
    FakeCalls.Play first = rig.calls.plays.getFirst();
    Eventually.until("its body", SOON, () -> first.ended || first.pieces.get() > 0);
    return first;
  }

  private void on(Runnable action) {
    rig.onOwner(() -> {
      action.run();
      return true;
    });
  }

  private CompletableFuture<HttpResponse<InputStream>> send(
      String method, String path, HttpRequest.BodyPublisher body) {
    return rig.http.sendAsync(
        rig.request(path).header("x-tutti-node", "eve").method(method, body).build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  private static HttpRequest.BodyPublisher text(String body) {
    return HttpRequest.BodyPublishers.ofString(body);
  }

  private static Map<String, String> ndjson() {
    return Map.of("content-type", "application/x-ndjson", "server", "secret");
  }

  @Test
  void progress_comes_line_by_line_as_the_engine_tells_it() throws Exception {
    var coming = send("POST", "/api/pull", text(PULL));
    FakeCalls.Play play = play();
    assertThat(play.backend.value()).isEqualTo("eve/ollama");
    assertThat(play.request.administrator()).isTrue();
    assertThat(play.body.toString()).isEqualTo(PULL);
    on(() -> {
      play.listener.head(200, ndjson());
      play.listener.chunk(Buffer.buffer("{\"status\":\"pulling manifest\"}\n"));
    });
    HttpResponse<InputStream> answer = Rig.await(coming);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/x-ndjson");
    assertThat(answer.headers().firstValue("x-tutti-node")).hasValue("eve");
    assertThat(answer.headers().firstValue("x-tutti-backend")).hasValue("eve/ollama");
    assertThat(answer.headers().firstValue("server")).isEmpty();
    var body = answer.body();
    String first = "{\"status\":\"pulling manifest\"}\n";
    assertThat(new String(body.readNBytes(first.length()), StandardCharsets.UTF_8))
        .isEqualTo(first);
    on(() -> {
      play.listener.chunk(Buffer.buffer("{\"status\":\"success\"}\n"));
      play.listener.end();
    });
    assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).contains("success");
    assertThat(rig.calls.refreshed).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"POST, /api/copy, 404", "DELETE, /api/delete, 404", "POST, /api/create, 400"})
  void an_engines_refusal_is_passed_as_it_is(String method, String path, int status)
      throws Exception {
    var coming = send(method, path, text(PULL));
    FakeCalls.Play play = play();
    assertThat(play.request.method()).isEqualTo(method);
    on(() -> {
      play.listener.head(status, Map.of("content-type", "application/json"));
      play.listener.chunk(Buffer.buffer("{\"error\":\"no such thing\"}"));
      play.listener.end();
    });
    HttpResponse<InputStream> answer = Rig.await(coming);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(new String(answer.body().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("{\"error\":\"no such thing\"}");
    assertThat(rig.calls.refreshed).isEmpty();
  }

  @Test
  @DisplayName("T21 an engine that is lost in the middle is an error line and no proper end")
  void an_engine_that_is_lost_in_the_middle_is_an_error_line_and_no_proper_end() throws Exception {
    try (var client = new RawClient(rig.port())) {
      client.post("/api/pull", PULL, "x-tutti-node: eve");
      FakeCalls.Play play = play();
      on(() -> {
        play.listener.head(200, ndjson());
        play.listener.chunk(Buffer.buffer("{\"status\":\"a\"}\n"));
        play.listener.failed(
            Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "it broke off"));
      });
      String all = client.untilEnd();
      assertThat(all).contains("{\"error\":\"it broke off\"}").doesNotEndWith("0\r\n\r\n");
    }
  }

  @Test
  void an_engine_that_cannot_be_reached_is_a_refusal() {
    var coming = send("POST", "/api/pull", text(PULL));
    FakeCalls.Play play = play();
    on(() ->
        play.listener.failed(
            Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "it is off")));
    assertThat(Rig.await(coming).statusCode()).isEqualTo(502);
  }

  @Test
  @DisplayName("T42 a client that leaves ends the engine's work")
  void a_client_that_leaves_ends_the_engines_work() throws Exception {
    try (var client = new RawClient(rig.port())) {
      client.post("/api/pull", PULL, "x-tutti-node: eve");
      play();
    }
    FakeCalls.Play play = play();
    Eventually.until("the end", SOON, () -> play.cancelled);
  }

  @Test
  void without_a_node_the_choice_must_be_clear() throws Exception {
    HttpResponse<String> unclear = rig.post("/api/pull", PULL);
    assertThat(unclear.statusCode()).isEqualTo(400);
    assertThat(error(unclear)).contains("x-tutti-node").contains("bob, eve");
    HttpResponse<String> unknown = rig.post("/api/pull", PULL, "x-tutti-node", "nobody");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(error(unknown)).contains("nobody");
    assertThat(rig.calls.plays).isEmpty();
  }

  private static String error(HttpResponse<String> answer) {
    JsonNode body = JSON.readTree(answer.body());
    return body.path("error").asString("");
  }

  @Test
  void with_keys_only_an_administrator_may() {
    rig.keys =
        KeyCheck.hashed(() ->
            Map.of(
                KeyCheck.sha256Hex("boss"), new KeyCheck.Principal("ann", true),
                KeyCheck.sha256Hex("user"), new KeyCheck.Principal("ben", false)));
    for (String path : new String[] {"/api/pull", "/api/create", "/api/copy", "/api/push"}) {
      assertThat(rig.post(path, PULL).statusCode()).as(path).isEqualTo(401);
      HttpResponse<String> refused = rig.post(path, PULL, "x-api-key", "user");
      assertThat(refused.statusCode()).as(path).isEqualTo(403);
      assertThat(error(refused)).contains("administrator");
    }
    for (String path :
        new String[] {"/mesh/v1/nodes/eve/drain", "/mesh/v1/invites", "/mesh/v1/backends"}) {
      HttpResponse<String> refused = rig.post(path, "{}", "x-api-key", "user");
      assertThat(refused.statusCode()).as(path).isEqualTo(403);
      assertThat(JSON.readTree(refused.body()).path("error").path("code").asString(""))
          .isEqualTo("forbidden");
    }
    assertThat(rig.get("/api/tags", "x-api-key", "user").statusCode()).isEqualTo(200);
    assertThat(rig.post("/mesh/v1/nodes/eve/drain", "", "x-api-key", "boss").statusCode())
        .isEqualTo(200);
    assertThat(rig.calls.plays).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/pull, POST",
    "POST, /api/delete, DELETE",
    "GET, /api/show, POST",
    "DELETE, /api/tags, 'GET, HEAD'",
    "POST, /api/version, 'GET, HEAD'",
  })
  void the_wrong_method_is_405(String method, String path, String allowed) {
    HttpResponse<String> answer =
        rig.send(rig.request(path).method(method, HttpRequest.BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).hasValue(allowed);
  }

  @Test
  void heads_and_the_status_are_answered() {
    for (String path : new String[] {"/", "/api/tags", "/api/version"}) {
      HttpResponse<String> answer =
          rig.send(rig.request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()));
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
    }
    JsonNode cloud = JSON.readTree(rig.get("/api/status").body()).path("cloud");
    assertThat(cloud.path("disabled").booleanValue()).isTrue();
    assertThat(cloud.path("source").asString("")).isNotEmpty();
  }

  @Test
  void a_blob_goes_piece_by_piece_no_faster_than_the_engine_takes_it() {
    rig.calls.takesAtOnce = false;
    byte[] blob = new byte[2_000_000];
    var coming = send("POST", "/api/blobs/" + DIGEST, HttpRequest.BodyPublishers.ofByteArray(blob));
    FakeCalls.Play play = play();
    assertThat(play.request.bodyBytes()).hasValue(blob.length);
    Eventually.until("the first piece", SOON, () -> play.pieces.get() == 1);
    on(() -> {});
    assertThat(play.pieces).hasValue(1);
    assertThat(play.ended).isFalse();
    while (!play.ended) {
      on(() -> {
        Promise<Void> taken = play.untaken.poll();
        if (taken != null) {
          taken.complete();
        }
      });
    }
    assertThat(play.body.length()).isEqualTo(blob.length);
    assertThat(play.pieces.get()).isGreaterThan(10);
    on(() -> {
      play.listener.head(201, Map.of());
      play.listener.end();
    });
    assertThat(Rig.await(coming).statusCode()).isEqualTo(201);
  }

  @Test
  void an_engine_may_answer_before_it_has_the_whole_blob() {
    rig.calls.takesAtOnce = false;
    byte[] blob = new byte[2_000_000];
    var coming = send("POST", "/api/blobs/" + DIGEST, HttpRequest.BodyPublishers.ofByteArray(blob));
    FakeCalls.Play play = play();
    on(() -> {
      play.listener.head(200, Map.of());
      play.listener.end();
    });
    assertThat(Rig.await(coming).statusCode()).isEqualTo(200);
  }

  @Test
  void a_blob_is_named_by_its_digest() {
    var head = send("HEAD", "/api/blobs/" + DIGEST, HttpRequest.BodyPublishers.noBody());
    FakeCalls.Play play = play();
    assertThat(play.request.path()).isEqualTo("/api/blobs/" + DIGEST);
    on(() -> {
      play.listener.head(404, Map.of());
      play.listener.end();
    });
    assertThat(Rig.await(head).statusCode()).isEqualTo(404);
    HttpResponse<String> wrong =
        rig.post("/api/blobs/sha256:..%2F..%2Fdelete", "x", "x-tutti-node", "eve");
    assertThat(wrong.statusCode()).isEqualTo(400);
  }

  @Test
  void show_is_the_holders_own_answer_by_its_known_fields() {
    var coming =
        rig.http.sendAsync(
            rig.request("/api/show").POST(text("{\"model\":\"m\",\"verbose\":true}")).build(),
            HttpResponse.BodyHandlers.ofString());
    FakeCalls.Play play = play();
    assertThat(play.backend.value()).isEqualTo("bob/ollama");
    assertThat(JSON.readTree(play.body.toString()).path("verbose").booleanValue()).isTrue();
    assertThat(play.request.administrator()).isFalse();
    on(() -> {
      play.listener.head(200, Map.of());
      play.listener.chunk(
          Buffer.buffer(
              "{\"license\":\"MIT\",\"template\":\"t\",\"details\":{\"family\":\"f\"},"
                  + "\"model_info\":{\"f.context_length\":8192},\"surprise\":1}"));
      play.listener.end();
    });
    JsonNode shown = JSON.readTree(Rig.await(coming).body());
    assertThat(shown.path("license").asString("")).isEqualTo("MIT");
    assertThat(shown.path("model_info").path("f.context_length").asInt()).isEqualTo(8_192);
    assertThat(shown.has("surprise")).isFalse();
  }

  @Test
  @DisplayName("T43 a holder that does not answer leaves show to the facts")
  void a_holder_that_does_not_answer_leaves_show_to_the_facts() {
    HttpResponse<String> answer = rig.post("/api/show", "{\"model\":\"m\"}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body()).path("details").isObject()).isTrue();
    assertThat(play().cancelled).isTrue();
  }

  @Test
  void a_model_is_unloaded_wherever_it_is_in_memory() {
    rig.fleet =
        Fleets.fleet(
            Fleets.backend("bob/ollama", Health.UP, Fleets.loaded("m", "2026-01-01T00:05:00Z")),
            Fleets.backend("eve/ollama", Health.UP, Fleets.loaded("m", "2026-01-01T00:00:00Z")));
    for (String id : new String[] {"bob/ollama", "eve/ollama"}) {
      rig.engine(id).script(FakeEngine.Play::unload);
    }
    HttpResponse<String> answer = rig.post("/api/generate", "{\"model\":\"m\",\"keep_alive\":0}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body()).path("done_reason").asString("")).isEqualTo("unload");
    assertThat(answer.headers().firstValue("x-tutti-node")).hasValue("bob");
    assertThat(rig.engine("eve/ollama").plays).hasSize(1);
    assertThat(rig.engine("bob/ollama").plays).hasSize(1);
    rig.post("/api/generate", "{\"model\":\"m\",\"keep_alive\":0}", "x-tutti-node", "eve");
    assertThat(rig.engine("eve/ollama").plays).hasSize(2);
    assertThat(rig.engine("bob/ollama").plays).hasSize(1);
  }

  @Test
  void what_changes_an_engine_is_written_down_when_it_is_ordered() {
    CompletableFuture<HttpResponse<InputStream>> pulled = send("POST", "/api/pull", text(PULL));
    play();
    assertThat(rig.audited)
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.action().wireName()).isEqualTo("model.pull");
          assertThat(entry.target()).isEqualTo("model:m2");
          assertThat(entry.details()).containsEntry("node", "eve");
        });
    pulled.cancel(true);
  }
}
