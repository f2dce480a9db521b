package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AnswerTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final String STREAM =
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final Failure BROKEN =
      Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "the engine went away");

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend(
                  "eve/ollama", Health.UP, Fleets.model("m", "d"), Fleets.caller("caller"))));
  private final FakeEngine engine = rig.engine("eve/ollama");

  @AfterEach
  void close() {
    rig.close();
  }

  private FakeEngine.Play play(int index) {
    return Eventually.value(
        "attempt " + index,
        SOON,
        () -> engine.plays.size() > index ? engine.plays.get(index) : null);
  }

  @Test
  void a_gathered_answer_tells_who_answered_and_why() {
    engine.script(play -> {
      play.say("hello ");
      play.say("world");
      play.finish();
    });
    HttpResponse<String> answer = rig.post("/v1/chat/completions", CHAT, "x-request-id", "mine-1");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("hello world").contains("\"finish_reason\":\"stop\"");
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(answer.headers().firstValue("x-tutti-task").orElseThrow()).startsWith("t-");
    assertThat(answer.headers().firstValue("x-tutti-node")).hasValue("eve");
    assertThat(answer.headers().firstValue("x-tutti-backend")).hasValue("eve/ollama");
    assertThat(answer.headers().firstValue("x-tutti-model")).hasValue("m");
    assertThat(answer.headers().firstValue("x-tutti-attempts")).hasValue("1");
    assertThat(answer.headers().firstValue("x-tutti-queue-ms")).isPresent();
    assertThat(answer.headers().firstValue("x-tutti-why").orElseThrow()).isNotBlank();
    assertThat(answer.headers().firstValue("x-tutti-simulated")).isEmpty();
    assertThat(answer.headers().firstValue("x-request-id")).hasValue("mine-1");
  }

  @Test
  @DisplayName("T40 each piece reaches the client before the next is said, plain and unbuffered")
  void each_piece_reaches_the_client_before_the_next_is_said() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM, "accept-encoding: gzip, deflate, br, zstd");
      play(0).sayNow("one");
      assertThat(client.until("one"))
          .contains("transfer-encoding: chunked")
          .contains("content-type: text/event-stream")
          .contains("cache-control: no-cache")
          .contains("x-accel-buffering: no")
          .doesNotContain("content-encoding")
          .doesNotContain("two");
      play(0).sayNow("two");
      client.until("two");
      play(0).finishNow();
      assertThat(client.until("0\r\n\r\n")).contains("data: [DONE]");
    }
  }

  @Test
  void a_response_is_streamed_in_events_and_says_what_it_left_out() {
    engine.script(play -> {
      play.say("hello");
      play.finish();
    });
    HttpResponse<String> answer =
        rig.post(
            "/v1/responses",
            """
            {"model":"caller","stream":true,"input":"hi","prompt_cache_key":"c-1",
            "tools":[{"type":"web_search"},{"type":"function","name":"f"}]}\
            """);

    assertThat(answer.headers().firstValue("content-type")).hasValue("text/event-stream");
    assertThat(answer.headers().firstValue("x-tutti-left-out")).hasValue("tools.web_search");
    assertThat(answer.body())
        .startsWith("event: response.created\n")
        .contains("event: response.completed\n")
        .contains("\"input_tokens\":3");
    assertThat(play(0).task.session()).isEqualTo("c-1");
  }

  @Test
  void a_response_that_breaks_fails_and_is_cut_off() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/responses", "{\"model\":\"m\",\"stream\":true,\"input\":\"hi\"}");
      play(0).sayNow("begun");
      client.until("begun");
      play(0).failNow(BROKEN);
      assertThat(client.untilEnd())
          .contains("event: response.failed")
          .contains("event: error")
          .doesNotContain("\r\n0\r\n\r\n")
          .doesNotContain("response.completed");
    }
  }

  @Test
  void stored_responses_are_refused_as_such() {
    for (String path : new String[] {"/v1/responses/resp_1", "/v1/responses/resp_1/input_items"}) {
      HttpResponse<String> answer = rig.get(path);
      assertThat(answer.statusCode()).isEqualTo(501);
      assertThat(answer.body())
          .contains("\"message\":\"responses are not stored")
          .contains("\"param\":null");
    }
  }

  @Test
  void an_ollama_stream_is_ndjson_with_a_done_line() {
    engine.script(play -> {
      play.say("hello");
      play.finish();
    });
    HttpResponse<String> answer = rig.post("/api/chat", CHAT);

    assertThat(answer.headers().firstValue("content-type")).hasValue("application/x-ndjson");
    assertThat(answer.body().lines().count()).isGreaterThanOrEqualTo(2);
    assertThat(answer.body().lines().toList().getLast()).contains("\"done\":true");
  }

  @Test
  @DisplayName("T12 T21 a stream that breaks ends with an error record and without a last chunk")
  void a_stream_that_breaks_ends_with_an_error_record_and_without_a_last_chunk() {
    for (String path : new String[] {"/v1/chat/completions", "/api/chat"}) {
      int index = engine.plays.size();
      try (var client = new RawClient(rig.port())) {
        client.post(path, STREAM);
        play(index).sayNow("begun");
        client.until("begun");
        play(index).failNow(BROKEN);
        assertThat(client.untilEnd())
            .contains("\"error\"")
            .doesNotContain("\r\n0\r\n\r\n")
            .doesNotContain("[DONE]")
            .doesNotContain("\"done\":true");
      }
    }
  }

  @Test
  void a_broken_stream_resets_a_client_that_knows_no_chunks() {
    try (var client = new RawClient(rig.port())) {
      client.send(
          "POST /api/chat HTTP/1.0\r\nhost: localhost\r\ncontent-length: "
              + STREAM.length()
              + "\r\n\r\n"
              + STREAM);
      play(0).sayNow("begun");
      client.until("begun");
      play(0).failNow(BROKEN);
      client.untilEnd();
      assertThat(client.wasReset()).isTrue();
    }
  }

  @Test
  void a_failure_before_the_first_piece_is_a_status_in_the_dialects_shape() {
    engine.script(play ->
        play.fail(Failure.of(FailureCode.ENGINE_ERROR, Retry.POINTLESS, "the engine objects")));
    HttpResponse<String> openAi = rig.post("/v1/chat/completions", STREAM);
    assertThat(openAi.statusCode()).isEqualTo(502);
    assertThat(openAi.body()).contains("{\"error\":{\"message\":\"the engine objects\"");
    assertThat(openAi.headers().firstValue("x-should-retry")).hasValue("false");
    assertThat(openAi.headers().firstValue("x-tutti-task")).isPresent();

    HttpResponse<String> ollama = rig.post("/api/chat", STREAM);
    assertThat(ollama.statusCode()).isEqualTo(502);
    assertThat(ollama.body()).isEqualTo("{\"error\":\"the engine objects\"}");
  }

  @Test
  @DisplayName("T42 a client that leaves while its answer streams ends the attempt")
  void a_client_that_leaves_while_its_answer_streams_ends_the_attempt() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM);
      play(0).sayNow("begun");
      client.until("begun");
    }
    Eventually.until("the cancel", AT_ONCE, () -> play(0).cancelled);
  }

  @Test
  @DisplayName("T42 a client that leaves before the first piece ends the attempt, streamed or not")
  void a_client_that_leaves_before_the_first_piece_ends_the_attempt_streamed_or_not() {
    for (String body : new String[] {STREAM, CHAT}) {
      int index = engine.plays.size();
      try (var client = new RawClient(rig.port())) {
        client.post("/v1/chat/completions", body);
        play(index);
      }
      Eventually.until("the cancel", AT_ONCE, () -> play(index).cancelled);
    }
  }

  @Test
  void a_reader_that_stops_pauses_the_engine_and_leaving_ends_the_attempt() {
    engine.script(play -> play.sayForEver("x".repeat(4_000)));
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM);
      client.until("xxx");
      Eventually.until("the pause", SOON, () -> play(0).paused);
    }
    Eventually.until("the cancel", AT_ONCE, () -> play(0).cancelled);
  }

  @Test
  void a_reader_that_goes_on_resumes_the_engine() {
    engine.script(play -> play.sayForEver("x".repeat(4_000)));
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM);
      Eventually.until("the pause", SOON, () -> play(0).paused);
      int[] resumed = new int[1];
      Eventually.until(
          "the resume",
          SOON,
          () -> {
            client.until("HTTP/1.1 200 OK");
            client.readMore();
            resumed[0]++;
            return !play(0).paused;
          });
      assertThat(resumed[0]).isPositive();
    }
  }

  @Test
  void a_client_that_leaves_while_it_waits_leaves_the_queue() {
    try (var first = new RawClient(rig.port())) {
      first.post("/v1/chat/completions", STREAM);
      play(0);
      try (var second = new RawClient(rig.port())) {
        second.post("/v1/chat/completions", STREAM);
        Eventually.until("the queue", SOON, () -> rig.onOwner(rig.dispatcher::waiting) == 1);
      }
      Eventually.until("the way out", AT_ONCE, () -> rig.onOwner(rig.dispatcher::waiting) == 0);
      assertThat(engine.plays).hasSize(1);
    }
  }

  @Test
  void who_waits_too_long_is_told_when_to_come_back() {
    try (var first = new RawClient(rig.port())) {
      first.post("/v1/chat/completions", STREAM);
      play(0);
      HttpResponse<String> answer =
          rig.post("/v1/chat/completions", STREAM, "x-tutti-ttl-ms", "50");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("retry-after")).isPresent();
      assertThat(answer.headers().firstValue("x-tutti-estimated-wait-ms")).isPresent();
    }
  }

  @Test
  @DisplayName("T44 an offer of h2c is ignored and the body is read")
  void an_offer_of_h2c_is_ignored_and_the_body_is_read() {
    engine.script(play -> {
      play.say("hello");
      play.finish();
    });
    try (var client = new RawClient(rig.port())) {
      client.post(
          "/v1/chat/completions",
          CHAT,
          "connection: Upgrade, HTTP2-Settings",
          "upgrade: h2c",
          "http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA");
      assertThat(client.until("hello")).startsWith("HTTP/1.1 200 OK");
    }
  }

  @Test
  void a_client_that_asks_before_it_sends_is_told_to_go_on() {
    engine.script(play -> {
      play.say("hello");
      play.finish();
    });
    try (var client = new RawClient(rig.port())) {
      client.head(
          "POST",
          "/v1/chat/completions",
          "expect: 100-continue",
          "content-length: " + CHAT.length());
      client.until("HTTP/1.1 100 Continue");
      client.send(CHAT);
      client.until("hello");
    }
  }

  @Test
  void a_large_body_is_read_and_answered() {
    engine.script(play -> {
      play.say("hello");
      play.finish();
    });
    String large = CHAT.replace("hi", "h".repeat(2_000_000));
    assertThat(rig.post("/v1/chat/completions", large).statusCode()).isEqualTo(200);
    assertThat(rig.get("/metrics").body()).contains("tutti_request_buffered_bytes 0.0");
  }

  @Test
  void what_happened_is_counted() {
    engine.script(play -> {
      play.say("hello");
      play.finish();
    });
    rig.post("/api/chat", CHAT);
    assertThat(rig.get("/metrics").body())
        .contains("tutti_requests_total{dialect=\"ollama\",outcome=\"done\"} 1.0")
        .contains("tutti_first_token_seconds_count 1")
        .contains("tutti_tokens_total{direction=\"output\"} 2.0");
  }
}
