package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private HttpResponse<InputStream> begun(String body) {
    return Rig.await(
        rig.http.sendAsync(
            ask("/v1/chat/completions", body).build(), HttpResponse.BodyHandlers.ofInputStream()));
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, true", "/v1/chat/completions, false", "/api/chat, true",
    "/v1/messages, true", "/v1/messages, false", "/v1/responses, true",
  })
  void whoever_comes_while_it_runs_or_later_gets_the_same(String path, boolean stream) {
    String body = stream ? CHAT : CHAT.replace("true", "false");
    body = path.endsWith("responses") ? "{\"model\":\"m\",\"input\":\"hi\",\"stream\":true}" : body;
    var first = asking(path, body);
    play(0).sayNow("one ");
    var second = asking(path, body);
    play(0).sayNow("two");
    play(0).finishNow();
    String whole = Rig.await(first).body();
    assertThat(whole).contains("one ").contains("two");
    assertThat(Rig.await(second).body()).isEqualTo(whole);
    HttpResponse<String> later = Rig.await(asking(path, body));
    assertThat(later.body()).isEqualTo(whole);
    assertThat(later.statusCode()).isEqualTo(200);
    assertThat(later.headers().firstValue("x-tutti-replayed")).contains("true");
    assertThat(later.headers().firstValue("x-tutti-task"))
        .isEqualTo(Rig.await(first).headers().firstValue("x-tutti-task"));
    assertThat(rig.plays()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"/v1/chat/completions, key_reused", "/api/chat, error", "/v1/messages, invalid"})
  void the_same_key_with_another_body_is_refused(String path, String words) {
    var first = asking(path, CHAT);
    play(0).sayNow("one");
    HttpResponse<String> other = Rig.await(asking(path, CHAT.replace("hi", "ho")));
    assertThat(other.statusCode()).isEqualTo(422);
    assertThat(other.body()).contains(words).contains("idempotency-key");
    assertThat(other.headers().firstValue("x-should-retry")).contains("false");
    play(0).finishNow();
    assertThat(Rig.await(first).statusCode()).isEqualTo(200);
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
  void a_client_that_was_cut_off_comes_back_to_the_same_answer() throws IOException {
    var first =
        rig.http.sendAsync(
            ask("/v1/chat/completions", CHAT).build(), HttpResponse.BodyHandlers.ofInputStream());
    play(0).sayNow("one ");
    Rig.await(first).body().close();
    Eventually.until(
        "the hub has seen it leave", SOON, () -> rig.onOwner(() -> true) && !play(0).cancelled);
    var second = asking("/v1/chat/completions", CHAT);
    play(0).sayNow("two");
    play(0).finishNow();
    assertThat(Rig.await(second).body()).contains("one ").contains("two").contains("[DONE]");
    assertThat(rig.plays()).isEqualTo(1);
  }

  @Test
  void work_whose_client_does_not_come_back_is_ended() throws IOException {
    var first =
        rig.http.sendAsync(
            ask("/v1/chat/completions", CHAT).build(), HttpResponse.BodyHandlers.ofInputStream());
    play(0).sayNow("one ");
    Rig.await(first).body().close();
    Eventually.until(
        "the engine is stopped", Idempotency.GRACE.plus(SOON), () -> play(0).cancelled);
  }

  @Test
  void an_answer_that_is_too_long_to_be_kept_is_not_made_twice() {
    var first = asking("/v1/chat/completions", CHAT);
    play(0).sayNow("x".repeat(Idempotency.RING_BYTES));
    play(0).finishNow();
    assertThat(Rig.await(first).body()).contains("[DONE]");
    HttpResponse<String> again = Rig.await(asking("/v1/chat/completions", CHAT));
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(again.body()).contains("answer_gone");
    assertThat(rig.plays()).isEqualTo(1);
  }

  @Test
  void a_broken_answer_breaks_for_all_and_is_forgotten() {
    var first = asking("/v1/chat/completions", CHAT);
    play(0).sayNow("one");
    var second = begun(CHAT);
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
  }
}
