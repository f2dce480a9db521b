package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Engines here are paced in simulated time: a first piece after a while, then one at a steady
/// pace.
final class EstimatorTest {
  private static final double FACTOR = 2;

  private final Ensemble mesh = new Ensemble();

  /// Plays every attempt of the engine as one paced answer.
  private void pace(FakeEngine engine, double firstMillis, double eachMillis, int pieces) {
    for (FakeEngine.Exchange exchange : engine.running()) {
      if (!paced.contains(exchange)) {
        paced.add(exchange);
        int count =
            exchange.task.outputLimit() > 0
                ? Math.min(pieces, exchange.task.outputLimit())
                : pieces;
        for (int i = 0; i < count; i++) {
          mesh.time.after(millis(firstMillis + i * eachMillis), () -> exchange.say("x"));
        }
        mesh.time.after(
            millis(firstMillis + count * eachMillis),
            () -> {
              exchange.finish();
              pace(engine, firstMillis, eachMillis, pieces);
            });
      }
    }
  }

  private final List<FakeEngine.Exchange> paced = new ArrayList<>();

  private static Duration millis(double millis) {
    return Duration.ofNanos(Math.round(millis * 1e6));
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }

  private static void assertNear(Duration estimate, double truthMillis) {
    assertThat(millis(estimate)).isBetween(truthMillis / FACTOR, truthMillis * FACTOR);
  }

  @ParameterizedTest
  @CsvSource({
    // seconds into the first answer ever, tokens per second, limit
    "0.5, 20, 100",
    "1,   20, 100",
    "4,   20, 100",
    "2,   50, 512",
    "9,   50, 512",
    "20,   5, 128",
  })
  void before_anything_has_finished_it_goes_by_the_running_streams_pace_and_limit(
      double seconds, double perSecond, int limit) {
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.ask("m").outputLimit(limit).submit();
    pace(engine, 100, 1000 / perSecond, 100_000);
    mesh.seconds(seconds);
    WaitEstimate wait = mesh.dispatcher.estimate(mesh.ask("m").task());
    assertNear(wait.likely(), 100 + 1000 * limit / perSecond - 1000 * seconds);
    assertThat(wait.learned()).isTrue();
    assertThat(wait.cautious()).isGreaterThanOrEqualTo(wait.likely());
  }

  @Test
  void a_task_that_waited_too_long_gets_an_estimate_near_the_truth() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.ask("m").outputLimit(128).submit();
    pace(engine, 200, 40, 100_000);
    Client waits = mesh.ask("m").ttl(Duration.ofSeconds(1)).submit();
    mesh.seconds(1.01);
    assertThat(waits.whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertNear(waits.whyNot().retryAfter(), 200 + 128 * 40 - 1000);
  }

  @Test
  void answers_of_the_past_tell_how_long_the_next_ones_are() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    for (int i = 0; i < 5; i++) {
      mesh.submit("m");
      pace(engine, 500, 20, 60);
      mesh.seconds(3);
    }
    assertThat(mesh.dispatcher.active()).isZero();
    mesh.submit("m");
    pace(engine, 500, 20, 60);
    WaitEstimate atOnce = mesh.dispatcher.estimate(mesh.ask("m").task());
    assertNear(atOnce.likely(), 1700);
    mesh.submit("m");
    mesh.submit("m");
    WaitEstimate behindTwo = mesh.dispatcher.estimate(mesh.ask("m").task());
    assertThat(millis(behindTwo.likely())).isCloseTo(3 * 1700.0, Offset.offset(300.0));
    WaitEstimate urgent = mesh.dispatcher.estimate(mesh.ask("m").priority(9).task());
    assertNear(urgent.likely(), 1700);
  }

  @ParameterizedTest
  @EnumSource(names = {"LOAD", "COUNT"})
  void what_writes_nothing_teaches_nothing_about_answers(TaskType type) {
    FakeEngine engine = mesh.engine("a", 1, "m");
    for (int i = 0; i < 5; i++) {
      mesh.ask("m").type(type).submit();
      mesh.seconds(0.01);
      engine.only().say("done");
      engine.only().finish();
    }
    mesh.submit("m");
    WaitEstimate wait = mesh.dispatcher.estimate(mesh.ask("m").task());
    assertThat(wait.learned()).isFalse();
    assertThat(wait.likely()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
  }

  @Test
  void the_queue_is_shared_by_all_engines_that_can_take_it() {
    FakeEngine a = mesh.engine("a", 1, "m");
    FakeEngine b = mesh.engine("b", 1, "m");
    mesh.engine("c", 1, "other");
    for (int i = 0; i < 4; i++) {
      mesh.submit("m");
    }
    pace(a, 100, 10, 90);
    pace(b, 100, 10, 90);
    mesh.seconds(10);
    for (int i = 0; i < 8; i++) {
      mesh.submit("m");
      mesh.submit("other");
    }
    pace(a, 100, 10, 90);
    pace(b, 100, 10, 90);
    assertNear(mesh.dispatcher.estimate(mesh.ask("m").task()).likely(), 4 * 1000);
  }

  @Test
  void an_answer_that_comes_in_one_piece_is_judged_by_its_length_in_time() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    for (int i = 0; i < 4; i++) {
      mesh.submit("m");
      mesh.seconds(2);
      engine.only().say("all of it");
      engine.only().finish();
    }
    mesh.submit("m");
    mesh.seconds(0.5);
    assertNear(mesh.dispatcher.estimate(mesh.ask("m").task()).likely(), 1500);
  }

  @Test
  void a_longer_limit_means_a_longer_answer_where_limits_end_the_answers() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    for (int i = 0; i < 4; i++) {
      mesh.ask("m").outputLimit(16).submit();
      pace(engine, 100, 50, 100_000);
      mesh.seconds(2);
    }
    mesh.ask("m").outputLimit(400).submit();
    pace(engine, 100, 50, 100_000);
    assertNear(mesh.dispatcher.estimate(mesh.ask("m").task()).likely(), 100 + 400 * 50);
    mesh.seconds(15);
    assertNear(mesh.dispatcher.estimate(mesh.ask("m").task()).likely(), 100 + 400 * 50 - 15_000);
  }

  @Test
  void where_nothing_is_known_the_estimate_is_a_default_and_says_so() {
    mesh.engine("a", 1, "m");
    mesh.submit("m");
    WaitEstimate silent = mesh.dispatcher.estimate(mesh.ask("m").task());
    assertThat(silent.learned()).isFalse();
    assertThat(silent.likely()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
    mesh.down("a");
    WaitEstimate down = mesh.dispatcher.estimate(mesh.ask("m").task());
    assertThat(down.learned()).isFalse();
    assertThat(down.likely()).isEqualTo(Estimator.UNKNOWN_WAIT);
  }

  @Test
  void an_estimate_is_never_zero_even_when_an_answer_is_longer_than_any_before() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.submit("m");
    pace(engine, 100, 10, 20);
    mesh.seconds(1);
    mesh.submit("m");
    pace(engine, 100, 10, 2000);
    mesh.seconds(10);
    assertThat(mesh.dispatcher.estimate(mesh.ask("m").task()).likely())
        .isGreaterThan(Duration.ofSeconds(1));
  }
}
