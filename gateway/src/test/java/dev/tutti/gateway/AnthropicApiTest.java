package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.dialects.Work;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnthropicApiTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String VERSION = "anthropic-version";
  private static final String CHAT =
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final String STREAM = CHAT.replace("{\"model\"", "{\"stream\":true,\"model\"");
  private static final String COUNT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello you\"}]}";

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d")),
              counting(Fleets.backend("pi/llama", Health.UP, Fleets.model("counted", "e"))),
              Fleets.backend("sue/ollama", Health.DOWN, Fleets.model("away", "f"))));
  private final FakeEngine ollama = rig.engine("eve/ollama");
  private final FakeEngine llama = rig.engine("pi/llama");

  @AfterEach
  void close() {
    rig.close();
  }

  private static BackendView counting(BackendView view) {
    return Fleets.of(view, BackendKind.LLAMA_SERVER);
  }

  private static void answers(FakeEngine engine) {
    engine.script(play -> {
      play.say("hello");
      play.finish();
    });
  }

  private HttpResponse<String> count(String body) {
    return rig.post("/v1/messages/count_tokens", body);
  }

  @Test
  void a_message_is_answered_streamed_and_not_whatever_else_the_client_says() {
    answers(ollama);
    HttpResponse<String> whole =
        rig.post(
            "/v1/messages?beta=true",
            CHAT,
            VERSION,
            "2023-06-01",
            "anthropic-beta",
            "nobody-knows-2030-01-01",
            "x-request-id",
            "mine-1");
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body())
        .startsWith("{\"id\":\"msg_t-")
        .contains("\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]")
        .contains("\"stop_reason\":\"end_turn\"");
    assertThat(whole.headers().firstValue("request-id")).hasValue("mine-1");

    HttpResponse<String> stream = rig.post("/v1/messages", STREAM);
    assertThat(stream.headers().firstValue("content-type")).hasValue("text/event-stream");
    assertThat(stream.body()).startsWith("event: message_start\n").endsWith("\n\n");
    assertThat(rig.get("/metrics").body())
        .contains("tutti_requests_total{dialect=\"anthropic\",outcome=\"done\"} 2.0");
  }

  @Test
  @DisplayName("T12 a stream that breaks ends with an error event and without its last chunk")
  void a_broken_stream_is_noticed() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/messages", STREAM);
      var play =
          Eventually.value(
              "the attempt", SOON, () -> ollama.plays.stream().findFirst().orElse(null));
      play.sayNow("begun");
      client.until("begun");
      play.failNow(
          Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "the engine left"));
      assertThat(client.untilEnd())
          .contains("event: error")
          .doesNotContain("message_stop")
          .doesNotContain("\r\n0\r\n\r\n");
    }
  }

  @Test
  @DisplayName("T36 who cannot be served is told 529 and when to come back")
  void overloaded_is_529() {
    HttpResponse<String> answer =
        rig.post("/v1/messages", CHAT.replace("\"m\"", "\"away\""), "x-tutti-ttl-ms", "0");
    assertThat(answer.statusCode()).isEqualTo(529);
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
    assertThat(answer.body())
        .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",");
  }

  @Test
  void refusals_have_the_dialects_shape_everywhere() {
    HttpResponse<String> model =
        rig.post("/v1/messages", CHAT.replace("\"m\"", "\"never\""), "x-request-id", "mine-2");
    assertThat(model.statusCode()).isEqualTo(404);
    assertThat(model.body())
        .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":")
        .endsWith(",\"request_id\":\"mine-2\"}");
    assertThat(rig.post("/v1/messages/nothing", CHAT).body())
        .contains("\"type\":\"not_found_error\"");
    assertThat(rig.post("/v1/messages/batches", CHAT).statusCode()).isEqualTo(501);
    assertThat(rig.get("/v1/messages").body()).contains("\"type\":\"invalid_request_error\"");
    assertThat(rig.get("/v1/nothing", VERSION, "2023-06-01").body())
        .startsWith("{\"type\":\"error\"");
    assertThat(rig.post("/v1/messages", "{").statusCode()).isEqualTo(400);
    rig.needKeys(TestKeys.owner("ann"));
    HttpResponse<String> keyless = rig.post("/v1/messages", CHAT);
    assertThat(keyless.statusCode()).isEqualTo(401);
    assertThat(keyless.body()).contains("\"type\":\"authentication_error\"");
    answers(ollama);
    assertThat(rig.post("/v1/messages", CHAT, "x-api-key", TestKeys.token("ann")).statusCode())
        .isEqualTo(200);
    assertThat(rig.post("/v1/messages", CHAT, "authorization", TestKeys.bearer("ann")).statusCode())
        .isEqualTo(200);
  }

  @Test
  void models_have_the_shape_of_who_asks() {
    assertThat(rig.get("/v1/models").body()).startsWith("{\"object\":\"list\"");
    assertThat(rig.get("/v1/models", VERSION, "2023-06-01").body())
        .startsWith(
            "{\"data\":[{\"type\":\"model\",\"id\":\"counted\",\"display_name\":\"counted\"")
        .contains("\"has_more\":false,\"first_id\":\"counted\",\"last_id\":\"auto\"");
    assertThat(rig.get("/v1/models/m", VERSION, "2023-06-01").body())
        .startsWith(
            "{\"type\":\"model\",\"id\":\"m\",\"display_name\":\"m\","
                + "\"created_at\":\"2026-01-02T03:04:05Z\",\"lifecycle\":\"active\"");
    HttpResponse<String> unknown = rig.get("/v1/models/never", VERSION, "2023-06-01");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("\"type\":\"not_found_error\"");
  }

  @Test
  void a_conversation_is_tied_together_by_the_body_unless_a_header_does() {
    answers(ollama);
    String body = CHAT.replace("{\"model\"", "{\"metadata\":{\"user_id\":\"u-1\"},\"model\"");
    rig.post("/v1/messages", body);
    rig.post("/v1/messages", body, "x-claude-code-session-id", "s-1");
    rig.post("/v1/messages", body.replace("u-1", "u".repeat(300)));
    assertThat(ollama.plays)
        .extracting(play -> play.task.session())
        .satisfiesExactly(
            byBody -> assertThat(byBody).isEqualTo("u-1"),
            byHeader -> assertThat(byHeader).isEqualTo("s-1"),
            tooLong -> assertThat(tooLong).startsWith("c-"));
  }

  @Test
  @DisplayName("T37 an engine that counts is asked for the tokens of a prompt")
  void an_engine_counts() {
    llama.script(play -> play.count(63));
    HttpResponse<String> answer = count(COUNT.replace("\"m\"", "\"counted\""));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"input_tokens\":63}");
    assertThat(answer.headers().firstValue("x-tutti-estimate")).isEmpty();
    assertThat(answer.headers().firstValue("x-tutti-backend")).hasValue("pi/llama");
    assertThat(llama.plays.getFirst().task.work()).isInstanceOf(Work.TokenCount.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"m", "away", "auto"})
  @DisplayName("T37 where no engine counts, or none is there, the tokens are estimated")
  void otherwise_they_are_estimated(String model) {
    HttpResponse<String> answer = count(COUNT.replace("\"m\"", "\"" + model + "\""));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"input_tokens\":7}");
    assertThat(answer.headers().firstValue("x-tutti-estimate")).hasValue("true");
    assertThat(ollama.plays).isEmpty();
  }

  @Test
  @DisplayName("T37 a count never waits for a busy engine, nor for one that is slow or fails")
  void a_count_never_waits() {
    String counted = COUNT.replace("\"m\"", "\"counted\"");
    llama.script(
        play -> play.fail(Failure.of(FailureCode.UNSUPPORTED, Retry.SAFE_NOT_STARTED, "cannot")));
    HttpResponse<String> failed = count(counted);
    assertThat(failed.headers().firstValue("x-tutti-estimate")).hasValue("true");
    assertThat(failed.headers().firstValue("x-tutti-backend")).isEmpty();

    llama.script(_ -> {});
    HttpResponse<String> slow = count(counted);
    assertThat(slow.statusCode()).isEqualTo(200);
    assertThat(slow.headers().firstValue("x-tutti-estimate")).hasValue("true");
    assertThat(llama.plays.getLast().cancelled).isTrue();

    try (var client = new RawClient(rig.port())) {
      int before = llama.plays.size();
      client.post("/v1/messages", STREAM.replace("\"m\"", "\"counted\""));
      Eventually.until("the attempt", SOON, () -> llama.plays.size() > before);
      HttpResponse<String> busy = count(counted);
      assertThat(busy.statusCode()).isEqualTo(200);
      assertThat(busy.headers().firstValue("x-tutti-estimate")).hasValue("true");
      assertThat(llama.plays).hasSize(before + 1);
    }
    Eventually.until(
        "no body in memory",
        SOON,
        () -> rig.get("/metrics").body().contains("tutti_request_buffered_bytes 0.0"));
  }

  @Test
  void a_model_nobody_has_is_not_counted() {
    HttpResponse<String> answer = count(COUNT.replace("\"m\"", "\"never\""));
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("not_found_error");
    assertThat(count("{\"model\":\"m\"}").statusCode()).isEqualTo(400);
  }
}
