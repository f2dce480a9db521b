package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client hears that waits for long. The silences are short here; what counts is their
/// order.
class WaitingTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration SILENT_ENGINE = Duration.ofMillis(60);
  private static final Duration SILENT_WAIT = Duration.ofMillis(250);
  private static final Duration KEEP_ALIVE = Duration.ofMillis(30);
  private static final String CHAT =
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
          + "\"stream\":false}";
  private static final String STREAM = CHAT.replace("false", "true");
  private static final Failure LOST =
      Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "the engine went away");
  private static final Failure POINTLESS =
      Failure.of(FailureCode.ENGINE_ERROR, Retry.POINTLESS, "the engine objects");

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d")),
              Fleets.backend("bob/ollama", Health.UP, Fleets.model("m", "d"))),
          GatewayLimits.DEFAULT.with(
              GatewayLimits.DEFAULT
                  .answers()
                  .withSilences(SILENT_ENGINE, SILENT_WAIT, KEEP_ALIVE)));

  @AfterEach
  void close() {
    rig.close();
  }

  /// The attempts in the order in which they began, whichever engine has them.
  private FakeEngine.Play play(int index) {
    return Eventually.value(
        "attempt " + index,
        SOON,
        () ->
            rig.engines.values().stream()
                .flatMap(engine -> engine.plays.stream())
                .sorted(java.util.Comparator.comparingLong(play -> play.number))
                .skip(index)
                .findFirst()
                .orElse(null));
  }

  private void pass(Duration time) {
    var passed = new CompletableFuture<Boolean>();
    rig.owner.runOnContext(_ -> rig.time.after(time, () -> passed.complete(true)));
    Rig.await(passed);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "/v1/chat/completions, true, :",
    "/v1/chat/completions, false, ' '",
    "/api/chat, true, ' '",
    "/api/chat, false, ' '",
    "/v1/messages, true, e",
    "/v1/messages, false, ' '",
  })
  @DisplayName("T41 a client whose engine is silent gets early headers and signs of life")
  void early_headers(String path, boolean stream, char sign) {
    try (var client = new RawClient(rig.port())) {
      client.post(path, stream ? STREAM : CHAT);
      String early = client.until("\r\n\r\n");
      assertThat(early)
          .startsWith("HTTP/1.1 200 OK")
          .contains("x-tutti-task: t-")
          .contains("content-type: ")
          .contains("request-id: t-")
          .doesNotContain("x-tutti-node")
          .doesNotContain("x-tutti-attempts")
          .doesNotContain("x-tutti-why");
      client.until("\r\n" + sign);
      String task = early.substring(early.indexOf("t-"), early.indexOf("t-") + 22);
      assertThat(rig.get("/mesh/v1/tasks/" + task).body())
          .contains("\"node\":")
          .contains("\"backend\":")
          .contains("\"answering_model\":\"m\"")
          .contains("\"attempt\":1")
          .contains("\"queued_ms\":")
          .contains("\"why\":");
      play(0).sayNow("hello");
      play(0).finishNow();
      assertThat(client.until("\r\n0\r\n\r\n")).contains("hello");
    }
  }

  @Test
  @DisplayName("Signs of life are bytes that the client's reader takes for nothing")
  void the_answer_after_signs_is_whole() {
    for (String path : new String[] {"/api/chat", "/v1/chat/completions"}) {
      int index = rig.plays();
      CompletableFuture<java.net.http.HttpResponse<String>> answer =
          rig.http.sendAsync(
              rig.request(path)
                  .POST(java.net.http.HttpRequest.BodyPublishers.ofString(CHAT))
                  .build(),
              java.net.http.HttpResponse.BodyHandlers.ofString());
      FakeEngine.Play play = play(index);
      pass(SILENT_ENGINE.plus(KEEP_ALIVE.multipliedBy(3)));
      play.sayNow("hello");
      play.finishNow();
      assertThat(Rig.await(answer).body()).startsWith(" ").contains("hello");
      var json = tools.jackson.databind.json.JsonMapper.builder().build();
      assertThat(json.readTree(Rig.await(answer).body()).isObject()).isTrue();
    }
  }

  @Test
  @DisplayName("T13 after early headers a task still goes elsewhere")
  void a_task_is_rerouted_after_early_headers() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM);
      client.until("\n:\n\n");
      play(0).failNow(LOST);
      play(1).sayNow("from the other");
      play(1).finishNow();
      assertThat(client.until("\r\n0\r\n\r\n"))
          .contains("from the other")
          .contains("[DONE]")
          .doesNotContain("error");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, true",
    "/v1/chat/completions, false",
    "/api/chat, true",
    "/api/chat, false",
    "/v1/messages, true",
    "/v1/messages, false",
  })
  @DisplayName("T12 T21 a failure after early headers is an error record and a severed connection")
  void a_failure_after_early_headers(String path, boolean stream) {
    try (var client = new RawClient(rig.port())) {
      client.post(path, stream ? STREAM : CHAT);
      client.until("\r\n\r\n");
      play(0).failNow(POINTLESS);
      assertThat(client.untilEnd())
          .startsWith("HTTP/1.1 200")
          .contains("\"error\"")
          .contains("the engine objects")
          .doesNotContain("\r\n0\r\n\r\n")
          .doesNotContain("[DONE]")
          .doesNotContain("\"done\":true");
    }
  }

  @Test
  @DisplayName("A wait that may end in a plain 503 is silent")
  void a_short_wait_is_silent() {
    try (var one = new RawClient(rig.port());
        var two = new RawClient(rig.port());
        var client = new RawClient(rig.port())) {
      one.post("/v1/chat/completions", STREAM);
      two.post("/v1/chat/completions", STREAM);
      play(1);
      long ttl = SILENT_WAIT.toMillis();
      client.post("/v1/chat/completions", STREAM, "x-tutti-ttl-ms: " + ttl);
      assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 503").contains("retry-after: ");
    }
  }

  @Test
  @DisplayName("A wait longer than most clients bear begins early and ends in an error record")
  void a_long_wait_begins_early() {
    try (var one = new RawClient(rig.port());
        var two = new RawClient(rig.port());
        var client = new RawClient(rig.port())) {
      one.post("/v1/chat/completions", STREAM);
      two.post("/v1/chat/completions", STREAM);
      play(1);
      long ttl = SILENT_WAIT.toMillis() * 2;
      client.post("/v1/chat/completions", STREAM, "x-tutti-ttl-ms: " + ttl);
      assertThat(client.until("\n:\n\n")).startsWith("HTTP/1.1 200");
      assertThat(client.untilEnd()).contains("\"error\"").doesNotContain("\r\n0\r\n\r\n");
    }
  }

  @Test
  @DisplayName("A task that is back in the queue may become a plain 503 again")
  void back_in_the_queue_is_silent_again() {
    try (var one = new RawClient(rig.port());
        var client = new RawClient(rig.port())) {
      one.post("/v1/chat/completions", STREAM);
      play(0);
      rig.engines.values().forEach(engine -> engine.script(play -> play.fail(LOST)));
      long ttl = SILENT_ENGINE.toMillis() * 3;
      client.post("/v1/chat/completions", STREAM, "x-tutti-ttl-ms: " + ttl);
      assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 503");
    }
  }

  @Test
  @DisplayName("T41 a long pause in mid-stream is filled with signs of life")
  void a_pause_in_mid_stream() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM);
      play(0).sayNow("one");
      String before = client.until("one");
      assertThat(before).contains("x-tutti-node");
      client.until("\n:\n\n");
      play(0).sayNow("two");
      client.until("two");
      play(0).finishNow();
      client.until("[DONE]");
    }
  }

  @Test
  @DisplayName("A client that does not read is sent no signs of life")
  void signs_respect_back_pressure() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM);
      FakeEngine.Play play = play(0);
      rig.owner.runOnContext(_ -> play.sayForEver("x".repeat(4_000)));
      Eventually.until("the pause", SOON, () -> play.paused);
      rig.onOwner(() -> play.over = true);
      pass(KEEP_ALIVE.multipliedBy(10));
      rig.onOwner(() -> {
        play.over = false;
        play.fail(Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "gone"));
        return true;
      });
      String all = client.untilEnd();
      assertThat(all).contains("\"error\"").doesNotContain("\n:\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/api/chat"})
  @DisplayName("T12 the last words of a broken stream get out to a client that reads slowly")
  void last_words_get_out(String path) {
    try (var client = new RawClient(rig.port())) {
      client.post(path, STREAM);
      FakeEngine.Play play = play(0);
      rig.owner.runOnContext(_ -> play.sayForEver("x".repeat(4_000)));
      Eventually.until("the pause", SOON, () -> play.paused);
      play.failNow(
          Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "it broke off"));
      assertThat(client.untilEnd()).contains("it broke off").doesNotContain("\r\n0\r\n\r\n");
    }
  }
}
