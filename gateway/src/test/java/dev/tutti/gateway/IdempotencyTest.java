package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A request that is repeated with the same `idempotency-key` is not work done twice.
class IdempotencyTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String CHAT =
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
          + "\"stream\":true}";

  private final Rig rig =
      new Rig(Fleets.fleet(Fleets.backend("bob/ollama", Health.UP, Fleets.model("m", "d"))));

  @AfterEach
  void close() {
    rig.close();
  }

  private FakeEngine.Play play(int index) {
    return Eventually.value(
        "attempt " + index,
        SOON,
        () -> {
          var plays = rig.engine("bob/ollama").plays;
          return plays.size() > index ? plays.get(index) : null;
        });
  }

  private HttpRequest.Builder ask(String path, String body) {
    return rig.request(path)
        .header("idempotency-key", "k-1")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private CompletableFuture<HttpResponse<String>> asking(String path, String body) {
    return rig.http.sendAsync(
        ask(path, body).build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private HttpResponse<InputStream> begun(String path, String body) {
    return Rig.await(
        rig.http.sendAsync(ask(path, body).build(), HttpResponse.BodyHandlers.ofInputStream()));
  }

  /// The request in the dialect of the path.
  private static String request(String path, boolean stream) {
    String chat = stream ? CHAT : CHAT.replace("true", "false");
    return switch (path) {
      case "/v1/responses" -> "{\"model\":\"m\",\"input\":\"hi\",\"stream\":" + stream + "}";
      case "/v1/completions", "/api/generate" ->
          "{\"model\":\"m\",\"prompt\":\"hi\",\"stream\":" + stream + "}";
      default -> chat;
    };
  }

  private static String until(InputStream body, String words) throws IOException {
    var read = new ByteArrayOutputStream();
    while (!read.toString(StandardCharsets.UTF_8).contains(words)) {
      int next = body.read();
      assertThat(next).as("ended after " + read).isNotNegative();
      read.write(next);
    }
    return read.toString(StandardCharsets.UTF_8);
  }

  private static String rest(InputStream body) throws IOException {
    return new String(body.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String replayed(HttpResponse<?> answer) {
    return answer.headers().firstValue("x-tutti-replayed").orElse("no");
  }

  private void awaitLeft() {
    Eventually.until(
        "the hub has seen it leave", SOON, () -> rig.time.asked.contains(Idempotency.GRACE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/responses",
        "/v1/messages",
        "/api/chat",
        "/api/generate"
      })
  void two_clients_with_one_key_get_the_same_bytes_of_one_stream(String path) throws IOException {
    String body = request(path, true);
    var first = asking(path, body);
    play(0).sayNow("one ");
    HttpResponse<InputStream> second = begun(path, body);
    String seen = until(second.body(), "one ");
    play(0).sayNow("two ");
    seen += until(second.body(), "two ");
    play(0).finishNow();
    HttpResponse<String> whole = Rig.await(first);
    assertThat(seen + rest(second.body())).isEqualTo(whole.body());
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(second.headers().firstValue("content-type"))
        .isEqualTo(whole.headers().firstValue("content-type"));
    assertThat(replayed(second)).isEqualTo("true");
    assertThat(replayed(whole)).isEqualTo("no");
    assertThat(rig.plays()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, true",
    "/v1/chat/completions, false",
    "/v1/responses, true",
    "/v1/responses, false",
    "/v1/messages, true",
    "/v1/messages, false",
    "/api/chat, true",
    "/api/chat, false",
  })
  void after_the_end_the_recorded_answer_is_given(String path, boolean stream) {
    String body = request(path, stream);
    var first = asking(path, body);
    play(0).sayNow("one two");
    play(0).finishNow();
    HttpResponse<String> whole = Rig.await(first);
    rig.time.skip(Idempotency.KEPT.minusMinutes(1));
    HttpResponse<String> later = Rig.await(asking(path, body));
    assertThat(later.body()).isEqualTo(whole.body()).contains("one two");
    assertThat(later.statusCode()).isEqualTo(200);
    assertThat(replayed(later)).isEqualTo("true");
    for (String header : List.of("content-type", "x-tutti-task", "x-tutti-backend")) {
      assertThat(later.headers().firstValue(header))
          .isPresent()
          .isEqualTo(whole.headers().firstValue(header));
    }
    assertThat(later.headers().firstValue("x-request-id"))
        .isPresent()
        .isNotEqualTo(whole.headers().firstValue("x-request-id"));
    assertThat(rig.plays()).isEqualTo(1);
  }

  @Test
  void an_answer_in_one_piece_reaches_all_who_wait_for_it() {
    String body = request("/api/chat", false);
    var first = asking("/api/chat", body);
    play(0).sayNow("one ");
    var second = asking("/api/chat", body);
    var third = asking("/api/chat", body);
    play(0).sayNow("two");
    play(0).finishNow();
    String whole = Rig.await(first).body();
    assertThat(whole).contains("one two");
    assertThat(Rig.await(second).body()).isEqualTo(whole);
    assertThat(Rig.await(third).body()).isEqualTo(whole);
    assertThat(rig.plays()).isEqualTo(1);
  }

  @Test
  void after_a_day_a_key_means_nothing() {
    var first = asking("/api/chat", CHAT);
    play(0).finishNow();
    Rig.await(first);
    rig.time.skip(Idempotency.KEPT.plusSeconds(1));
    var second = asking("/api/chat", CHAT.replace("hi", "ho"));
    play(1).sayNow("new");
    play(1).finishNow();
    assertThat(Rig.await(second).body()).contains("new");
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, /error/message, /error/code, key_reused",
    "/v1/completions, /error/message, /error/code, key_reused",
    "/v1/responses, /error/message, /error/code, key_reused",
    "/v1/messages, /error/message, /error/type, invalid_request_error",
    "/api/chat, /error, '', ''",
    "/api/generate, /error, '', ''",
  })
  void the_same_key_with_another_body_is_refused_in_the_dialects_shape(
      String path, String message, String mark, String value) {
    String body = request(path, true);
    var first = asking(path, body);
    play(0).sayNow("one");
    HttpResponse<String> other = Rig.await(asking(path, body.replace("hi", "ho")));
    assertThat(other.statusCode()).isEqualTo(422);
    assertThat(other.headers().firstValue("x-should-retry")).contains("false");
    JsonNode error = JsonMapper.builder().build().readTree(other.body());
    assertThat(error.at(message).stringValue()).startsWith("idempotency-key: used before");
    if (!mark.isEmpty()) {
      assertThat(error.at(mark).stringValue()).isEqualTo(value);
    }
    play(0).finishNow();
    assertThat(Rig.await(first).statusCode()).isEqualTo(200);
  }

  @Test
  void a_key_means_something_within_one_path_and_one_principal() {
    rig.needKeys(TestKeys.user("ann"), TestKeys.user("ben"));
    List<HttpRequest.Builder> asked =
        List.of(
            ask("/api/chat", CHAT).header("authorization", TestKeys.bearer("ann")),
            ask("/api/chat", CHAT).header("authorization", TestKeys.bearer("ben")),
            ask("/v1/chat/completions", CHAT).header("authorization", TestKeys.bearer("ben")));
    for (int i = 0; i < asked.size(); i++) {
      var answer = rig.http.sendAsync(asked.get(i).build(), HttpResponse.BodyHandlers.ofString());
      play(i).finishNow();
      assertThat(replayed(Rig.await(answer))).isEqualTo("no");
    }
  }

  @Test
  void requests_without_a_key_have_nothing_to_do_with_each_other() {
    for (int i = 0; i < 2; i++) {
      var answer =
          rig.http.sendAsync(
              rig.request("/api/chat").POST(HttpRequest.BodyPublishers.ofString(CHAT)).build(),
              HttpResponse.BodyHandlers.ofString());
      play(i).finishNow();
      assertThat(replayed(Rig.await(answer))).isEqualTo("no");
    }
    assertThat(rig.time.asked).doesNotContain(Idempotency.GRACE);
  }

  @Test
  void work_that_failed_is_done_again() {
    var first = asking("/v1/chat/completions", CHAT);
    play(0).failNow(Failure.of(FailureCode.ENGINE_ERROR, Retry.POINTLESS, "no"));
    assertThat(Rig.await(first).statusCode()).isEqualTo(502);
    var second = asking("/v1/chat/completions", CHAT);
    play(1).sayNow("yes");
    play(1).finishNow();
    assertThat(Rig.await(second).body()).contains("yes");
  }

  @Test
  void a_model_is_unloaded_as_often_as_somebody_asks() {
    for (int i = 0; i < 2; i++) {
      var answer = asking("/api/generate", "{\"model\":\"m\",\"keep_alive\":0}");
      play(i).unloadNow();
      assertThat(Rig.await(answer).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void a_client_that_was_cut_off_comes_back_to_the_same_answer() throws IOException {
    var first =
        rig.http.sendAsync(
            ask("/v1/chat/completions", CHAT).build(), HttpResponse.BodyHandlers.ofInputStream());
    play(0).sayNow("one ");
    Rig.await(first).body().close();
    awaitLeft();
    var second = asking("/v1/chat/completions", CHAT);
    play(0).sayNow("two");
    play(0).finishNow();
    assertThat(Rig.await(second).body()).contains("one ").contains("two").contains("[DONE]");
    assertThat(rig.plays()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_client_may_leave_before_the_first_word_and_come_back(boolean stream) {
    String body = request("/v1/chat/completions", stream);
    try (var first = new RawClient(rig.port())) {
      first.post("/v1/chat/completions", body, "idempotency-key: k-1");
      play(0);
    }
    awaitLeft();
    var second = asking("/v1/chat/completions", body);
    play(0).sayNow("one");
    play(0).finishNow();
    HttpResponse<String> whole = Rig.await(second);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).contains("one");
    assertThat(Rig.await(asking("/v1/chat/completions", body)).body()).isEqualTo(whole.body());
    assertThat(rig.plays()).isEqualTo(1);
  }

  @Test
  void work_whose_client_does_not_come_back_is_ended_and_done_anew_later() {
    rig.time.shortened.put(Idempotency.GRACE, Duration.ofMillis(50));
    try (var first = new RawClient(rig.port())) {
      first.post("/v1/chat/completions", CHAT, "idempotency-key: k-1");
      play(0).sayNow("one ");
      first.until("one ");
    }
    Eventually.until("the engine is stopped", SOON, () -> play(0).cancelled);
    var second = asking("/v1/chat/completions", CHAT);
    play(1).sayNow("anew");
    play(1).finishNow();
    assertThat(Rig.await(second).body()).contains("anew").doesNotContain("one ");
  }

  @Test
  void who_reads_slowly_holds_up_nobody_and_gets_it_all() {
    String words = "x".repeat(Idempotency.RING_BYTES / 2);
    var first = asking("/v1/chat/completions", CHAT);
    play(0).sayNow("one");
    try (var slow = new RawClient(rig.port())) {
      slow.post("/v1/chat/completions", CHAT, "idempotency-key: k-1");
      slow.until("one");
      play(0).sayNow(words);
      play(0).sayNow("two");
      play(0).finishNow();
      assertThat(Rig.await(first).body()).contains(words).contains("two");
      assertThat(slow.until("[DONE]\n\n")).contains(words).contains("two");
    }
  }

  @Test
  void an_answer_that_is_too_long_to_be_kept_is_not_made_twice() throws IOException {
    var first = asking("/v1/chat/completions", CHAT);
    play(0).sayNow("one");
    HttpResponse<InputStream> second = begun("/v1/chat/completions", CHAT);
    play(0).sayNow("x".repeat(Idempotency.RING_BYTES));
    play(0).finishNow();
    String whole = Rig.await(first).body();
    assertThat(whole).contains("[DONE]");
    assertThat(rest(second.body())).isEqualTo(whole);
    HttpResponse<String> again = Rig.await(asking("/v1/chat/completions", CHAT));
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(again.headers().firstValue("x-should-retry")).contains("false");
    assertThat(again.body()).contains("answer_gone");
    assertThat(rig.plays()).isEqualTo(1);
  }

  @Test
  void a_long_answer_is_gone_after_a_minute_and_a_small_one_is_not() {
    var small = asking("/api/chat", CHAT);
    play(0).finishNow();
    Rig.await(small);
    var first = asking("/v1/chat/completions", CHAT);
    play(1).sayNow("x".repeat(Idempotency.SMALL_BYTES));
    rig.time.shortened.put(Idempotency.REPLAY, Duration.ofMillis(50));
    play(1).finishNow();
    rig.time.shortened.clear();
    assertThat(Rig.await(first).statusCode()).isEqualTo(200);
    Eventually.until(
        "it is gone",
        SOON,
        () -> Rig.await(asking("/v1/chat/completions", CHAT)).statusCode() == 409);
    assertThat(Rig.await(asking("/api/chat", CHAT)).statusCode()).isEqualTo(200);
    assertThat(rig.plays()).isEqualTo(2);
  }

  private HttpResponse<String> keyed(String key, String body) {
    return rig.post("/api/chat", body, "idempotency-key", key);
  }

  @Test
  void where_there_is_no_room_the_oldest_answers_go_first() {
    String words = "x".repeat(Idempotency.RING_BYTES - 1_024);
    rig.engine("bob/ollama")
        .script(play -> {
          play.say(words);
          play.finish();
        });
    int more = Idempotency.MAX_BYTES / words.length() + 1;
    for (int i = 0; i < more; i++) {
      assertThat(keyed("k-" + i, CHAT).statusCode()).isEqualTo(200);
    }
    assertThat(keyed("k-0", CHAT).statusCode()).isEqualTo(409);
    assertThat(replayed(keyed("k-" + (more - 1), CHAT))).isEqualTo("true");
    assertThat(rig.plays()).isEqualTo(more);
  }

  @Test
  void where_there_are_too_many_keys_the_oldest_is_forgotten() {
    rig.engine("bob/ollama").script(FakeEngine.Play::finish);
    for (int i = 0; i <= Idempotency.MAX_KEYS; i++) {
      assertThat(keyed("k-" + i, CHAT).statusCode()).isEqualTo(200);
    }
    assertThat(keyed("k-1", CHAT.replace("hi", "ho")).statusCode()).isEqualTo(422);
    assertThat(replayed(keyed("k-0", CHAT.replace("hi", "ho")))).isEqualTo("no");
  }

  @Test
  void a_broken_answer_breaks_for_all_and_is_forgotten() {
    var first = asking("/v1/chat/completions", CHAT);
    play(0).sayNow("one");
    HttpResponse<InputStream> second = begun("/v1/chat/completions", CHAT);
    play(0).failNow(Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "gone"));
    assertThat(first).failsWithin(SOON);
    assertThatIOException().isThrownBy(() -> second.body().readAllBytes());
    var third = asking("/v1/chat/completions", CHAT);
    play(1).sayNow("whole");
    play(1).finishNow();
    assertThat(Rig.await(third).body()).contains("whole");
  }

  @Test
  void a_key_that_cannot_be_meant_is_refused() {
    HttpResponse<String> refused = rig.post("/v1/chat/completions", CHAT, "idempotency-key", "a b");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("idempotency-key").doesNotContain("a b");
  }
}
