package dev.tutti.paced;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.testkit.Eventually;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;

final class FaultsTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String ASK =
      "{'model':'m','max_tokens':50,'stream':%s,'messages':[{'role':'user','content':'?'}]}";

  private final Vertx vertx = Vertx.vertx();
  private final PacedEngine engine =
      PacedEngine.start(
              vertx,
              PaceProfile.of("bob", EngineKind.OLLAMA, List.of(PacedModel.parse("m:chat:embed")))
                  .withPace(Pace.of(1e6, 2_000).withSlots(4))
                  .withAnswerTokens(10))
          .await();

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  private RawCall.Received call(String path, boolean stream, String fault) throws IOException {
    try (var call =
        RawCall.post(engine.url(), path, ASK.formatted(stream), "x-paced-fault: " + fault)) {
      return call.readAll();
    }
  }

  @ParameterizedTest
  @CsvSource({"/api/chat", "/v1/chat/completions", "/v1/messages"})
  void a_cut_stream_has_its_tokens_then_a_reset_and_no_end(String path) throws IOException {
    var received = call(path, true, "cut-after=3");
    assertThat(received.end()).isEqualTo(RawCall.End.RESET);
    assertThat(received.text()).contains("This").contains(" answer").contains(" is");
    assertThat(received.text()).doesNotContain("simulated by").doesNotContain("\"done\":true");
    assertThat(received.text()).doesNotContain("[DONE]").doesNotContain("message_stop");
    assertThat(engine.stats().failed()).isEqualTo(1);
    assertThat(engine.stats().tokens()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/chat, '{\"error\":\"the simulated engine failed'",
    "/v1/chat/completions, 'data: {\"error\":{\"message\":\"the simulated engine failed'",
    "/v1/messages, 'event: error\ndata: {\"type\":\"error\"'"
  })
  void an_error_mid_stream_is_the_dialects_own_record(String path, String record)
      throws IOException {
    var received = call(path, true, "error-after=2");
    assertThat(received.end()).isEqualTo(RawCall.End.CLOSED);
    assertThat(received.text()).contains(record).contains(" answer");
    assertThat(received.text()).doesNotContain("\"done\":true").doesNotContain("[DONE]");
  }

  @Test
  void a_clean_end_comes_without_the_record_that_completes_an_answer() throws IOException {
    var received = call("/v1/chat/completions", true, "clean-end-after=4");
    assertThat(received.end()).isEqualTo(RawCall.End.CLOSED);
    assertThat(received.text()).endsWith("0\r\n\r\n").contains("simulated\"");
    assertThat(received.text()).doesNotContain("finish_reason\":\"").doesNotContain("[DONE]");
  }

  @Test
  void garbage_is_no_record() throws IOException {
    var received = call("/api/chat", true, "garbage-after=1");
    assertThat(received.text()).contains(Answer.GARBAGE).doesNotContain("\"done\":true");
  }

  @Test
  void a_stalled_stream_stays_open_and_holds_its_slot_until_the_client_leaves() throws IOException {
    try (var call =
        RawCall.post(
            engine.url(), "/api/chat", ASK.formatted(true), "x-paced-fault: stall-after=2")) {
      call.readUntil("answer");
      call.socket().setSoTimeout(200);
      assertThatThrownBy(() -> call.readUntil("\"done\":true"))
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(engine.stats().active()).isEqualTo(1);
      assertThat(engine.stats().tokens()).isEqualTo(2);
    }
    Eventually.until("abort", DEADLINE, () -> engine.stats().aborted() == 1);
    assertThat(engine.stats().active()).isZero();
  }

  @Test
  void a_hanging_engine_sends_not_a_byte() throws IOException {
    try (var call =
        RawCall.post(engine.url(), "/api/chat", ASK.formatted(true), "x-paced-fault: hang")) {
      call.socket().setSoTimeout(200);
      assertThatThrownBy(() -> call.readUntil("H")).isInstanceOf(SocketTimeoutException.class);
    }
    Eventually.until("abort", DEADLINE, () -> engine.stats().aborted() == 1);
  }

  @Test
  void a_refused_request_gets_no_answer() throws IOException {
    assertThat(call("/api/chat", true, "refuse").text()).isEmpty();
    assertThat(engine.stats().tokens()).isZero();
  }

  @Test
  void a_reset_comes_instead_of_an_answer() throws IOException {
    var received = call("/api/chat", true, "reset");
    assertThat(received.end()).isEqualTo(RawCall.End.RESET);
    assertThat(received.text()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "429, HTTP/1.1 429, retry-after: 1",
    "503, HTTP/1.1 503, unavailable_error",
    "500, HTTP/1.1 500, <html>",
    "502, HTTP/1.1 502, <html>",
    "error-200, HTTP/1.1 200, server_error"
  })
  void a_status_on_demand_has_its_body(String fault, String status, String part)
      throws IOException {
    assertThat(call("/v1/chat/completions", false, fault).text())
        .startsWith(status)
        .contains(part)
        .contains("x-tutti-simulated: true");
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void a_wrong_length_promises_more_than_comes(boolean stream) throws IOException {
    String text = call("/api/chat", stream, "wrong-length").text();
    int body = text.indexOf("\r\n\r\n") + 4;
    String length = text.replaceAll("(?s).*content-length: (\\d+).*", "$1");
    assertThat(text.length() - body).isPositive().isLessThan(Integer.parseInt(length));
  }

  @ParameterizedTest
  @CsvSource({"cut-after=3", "clean-end-after=3", "garbage-after=3"})
  void a_whole_answer_breaks_too(String fault) throws IOException {
    String text = call("/api/chat", false, fault).text();
    String body = text.substring(text.indexOf("\r\n\r\n") + 4);
    assertThatThrownBy(() -> Caller.JSON.readTree(body)).isInstanceOf(JacksonException.class);
  }

  @Test
  void a_slow_first_byte_is_part_of_the_reported_prompt_time() throws IOException {
    String text = call("/api/chat", false, "slow-first-byte=150").text();
    var body = Caller.JSON.readTree(text.substring(text.indexOf('{')));
    assertThat(body.path("prompt_eval_duration").asLong()).isGreaterThanOrEqualTo(150_000_000);
    assertThat(call("/api/embed", false, "slow-first-byte=10").text()).startsWith("HTTP/1.1 200");
  }

  @Test
  void ordered_faults_hit_inference_only_unless_told_otherwise() {
    try (var caller = Caller.of(engine)) {
      caller.post("/_paced/fault", "{'fault':'503','times':2}");
      assertThat(caller.get("/api/tags").statusCode()).isEqualTo(200);
      assertThat(caller.post("/api/chat", ASK.formatted(false)).statusCode()).isEqualTo(503);
      assertThat(caller.post("/api/chat", ASK.formatted(false)).statusCode()).isEqualTo(503);
      assertThat(caller.post("/api/chat", ASK.formatted(false)).statusCode()).isEqualTo(200);
      caller.post("/_paced/fault", "{'fault':'500','times':-1,'on':'probe'}");
      assertThat(caller.get("/api/tags").statusCode()).isEqualTo(500);
      assertThat(caller.post("/api/chat", ASK.formatted(false)).statusCode()).isEqualTo(200);
      assertThat(caller.get("/_paced/stats").statusCode()).isEqualTo(200);
      caller.post("/_paced/fault", "{'fault':'none','on':'all'}");
      assertThat(caller.get("/api/tags").statusCode()).isEqualTo(200);
      assertThat(caller.post("/_paced/fault", "{'fault':'tickle'}").statusCode()).isEqualTo(400);
    }
  }
}
