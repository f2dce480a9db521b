package dev.tutti.paced;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.SimulatedTime;
import dev.tutti.testkit.Eventually;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the engine does when its client leaves or does not read.
final class LeavingTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String ASK =
      "{'model':'m','stream':%s,'messages':[{'role':'user','content':'?'}]}";

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    vertx.close().await();
  }

  private PacedEngine endless(Pace pace) {
    var profile = PaceProfile.of("bob", EngineKind.OLLAMA, List.of(PacedModel.chat("m")));
    return PacedEngine.start(vertx, profile.withPace(pace).endless()).await();
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void a_client_that_leaves_mid_answer_ends_the_work(boolean stream) throws IOException {
    PacedEngine engine = endless(Pace.of(1e6, 100));
    try (var _ = RawCall.post(engine.url(), "/api/chat", ASK.formatted(stream), "")) {
      Eventually.until("tokens", DEADLINE, () -> engine.stats().tokens() > 3);
    }
    Eventually.until("abort", DEADLINE, () -> engine.stats().aborted() == 1);
    assertThat(engine.stats().active()).isZero();
    long after = engine.stats().tokens();
    try (var caller = Caller.of(engine)) {
      assertThat(caller.get("/_paced/stats").body()).contains("\"tokens\":" + after);
    }
  }

  @Test
  void a_client_that_leaves_while_its_prompt_is_read_or_while_it_waits_is_noticed()
      throws IOException {
    PacedEngine engine = endless(Pace.of(0.001, 100));
    try (var reading = RawCall.post(engine.url(), "/api/chat", ASK.formatted(true), "")) {
      Eventually.until("active", DEADLINE, () -> engine.stats().active() == 1);
      try (var waiting = RawCall.post(engine.url(), "/api/chat", ASK.formatted(true), "")) {
        Eventually.until("queued", DEADLINE, () -> engine.stats().queued() == 1);
        assertThat(waiting.socket().isConnected()).isTrue();
      }
      Eventually.until("abort", DEADLINE, () -> engine.stats().aborted() == 1);
      Eventually.until("nobody queued", DEADLINE, () -> engine.stats().queued() == 0);
      assertThat(reading.socket().isConnected()).isTrue();
    }
    Eventually.until("abort", DEADLINE, () -> engine.stats().aborted() == 2);
    Eventually.until("nobody served", DEADLINE, () -> engine.stats().active() == 0);
  }

  @Test
  void a_client_that_does_not_read_stops_the_work_and_its_leaving_is_still_noticed()
      throws IOException {
    PacedEngine engine = endless(Pace.of(1e6, 1e6).withSlots(2));
    try (var stalled = RawCall.post(engine.url(), "/api/chat", ASK.formatted(true), "")) {
      stalled.readUntil("This");
      long stopped = stoppedAt(engine);
      // The other stream goes on meanwhile, and so does this one as soon as it is read.
      try (var other = RawCall.post(engine.url(), "/api/chat", ASK.formatted(true), "")) {
        other.readUntil("Then");
      }
      Eventually.until("abort", DEADLINE, () -> engine.stats().aborted() == 1);
      assertThat(engine.stats().tokens()).isGreaterThan(stopped);
      assertThat(engine.stats().active()).isEqualTo(1);
    }
    Eventually.until("abort", DEADLINE, () -> engine.stats().aborted() == 2);
    assertThat(engine.stats().active()).isZero();
  }

  @Test
  void a_client_that_reads_again_gets_every_token_in_order() throws IOException {
    var profile =
        PaceProfile.of("bob", EngineKind.OLLAMA, List.of(PacedModel.chat("m")))
            .withPace(Pace.of(1e6, 1e6))
            .withAnswerTokens(60_000);
    PacedEngine engine = PacedEngine.start(vertx, profile).await();
    try (var call = RawCall.post(engine.url(), "/api/chat", ASK.formatted(true), "")) {
      String first = call.readUntil("This");
      stoppedAt(engine);
      String all = first + call.readAll().text();
      assertThat(all).contains("\"eval_count\":60000");
      assertThat(all.split("\"done\":false", -1)).hasSize(60_001);
    }
    Eventually.until("completed", DEADLINE, () -> engine.stats().completed() == 1);
  }

  @Test
  void an_engine_runs_on_the_time_it_is_given() {
    var profile = PaceProfile.of("bob", EngineKind.VLLM, List.of(PacedModel.chat("m")));
    var loop = vertx.getOrCreateContext();
    Promise<PacedEngine> started = Promise.promise();
    loop.runOnContext(_ ->
        PacedEngine.start(vertx, new LoopTime(vertx, loop), profile, "127.0.0.1", 0)
            .onComplete(started));
    try (var caller = Caller.of(started.future().await())) {
      assertThat(caller.get("/health").statusCode()).isEqualTo(200);
    }
    assertThatThrownBy(() -> PacedEngine.start(vertx, new SimulatedTime(), profile, "127.0.0.1", 0))
        .isInstanceOf(IllegalStateException.class);
  }

  /// The number of tokens at which the engine stands still.
  private static long stoppedAt(PacedEngine engine) {
    var before = new long[] {-1, 0};
    Eventually.until(
        "standstill",
        DEADLINE,
        () -> {
          long now = engine.stats().tokens();
          before[1] = now == before[0] ? before[1] + 1 : 0;
          before[0] = now;
          return before[1] > 50;
        });
    return before[0];
  }
}
