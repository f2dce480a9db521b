package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LivenessTest {
  private static final long START = -7_000_000_000L;
  private static final Liveness.Sign WELL = new Liveness.Sign.Well();

  private long now = START;
  private boolean doubting;
  private Liveness state = Liveness.UNKNOWN;

  private static Failure failure(FailureCode code) {
    return Failure.of(code, Retry.UNSAFE_MAY_HAVE_ACTED, "it said " + code);
  }

  private Health hear(Liveness.Sign sign) {
    state = state.after(sign, now, doubting);
    return state.health();
  }

  private Health attempt(FailureCode code) {
    return hear(new Liveness.Sign.AttemptFailed(failure(code)));
  }

  private Health probe(FailureCode code) {
    return hear(new Liveness.Sign.ProbeFailed(failure(code)));
  }

  private Health silent(Duration time, boolean bytes) {
    return hear(new Liveness.Sign.Silent(time.toNanos(), LivenessLimits.QUIET.toNanos(), bytes));
  }

  private void pass(Duration time) {
    now += time.toNanos();
    hear(new Liveness.Sign.Passed());
  }

  private void fall() {
    for (int i = 0; i < LivenessLimits.REFUSALS; i++) {
      probe(FailureCode.ENGINE_UNREACHABLE);
    }
    assertThat(state.health()).isEqualTo(Health.DOWN);
  }

  private Health rise() {
    assertThat(hear(WELL)).isEqualTo(Health.DOWN);
    return hear(WELL);
  }

  @ParameterizedTest
  @CsvSource({
    "ENGINE_UNREACHABLE, SUSPECT, SUSPECT",
    "ENGINE_BUSY, BUSY, BUSY",
    "ENGINE_STALLED, UP, SUSPECT",
    "BROKEN_STREAM, SUSPECT, SUSPECT",
    "ENGINE_ERROR, UP, UP",
    "INVALID_REQUEST, UP, UP",
    "NOT_FOUND, UP, UP",
    "CANCELLED, UP, UP",
    "INTERNAL, UP, UP",
    "TOO_LARGE, UP, UP",
  })
  void an_attempts_failure_counts_by_its_kind(FailureCode code, Health once, Health twice) {
    hear(WELL);
    assertThat(attempt(code)).isEqualTo(once);
    assertThat(attempt(code)).isEqualTo(twice);
  }

  @ParameterizedTest
  @CsvSource({
    "ENGINE_UNREACHABLE, SUSPECT, SUSPECT, DOWN",
    "ENGINE_BUSY, BUSY, BUSY, BUSY",
    "ENGINE_STALLED, UP, UP, UP",
    "ENGINE_ERROR, UP, SUSPECT, DOWN",
    "UNAUTHENTICATED, UP, SUSPECT, DOWN",
  })
  void a_probes_failure_counts_by_its_kind(
      FailureCode code, Health once, Health twice, Health thrice) {
    hear(WELL);
    assertThat(probe(code)).isEqualTo(once);
    assertThat(probe(code)).isEqualTo(twice);
    assertThat(probe(code)).isEqualTo(thrice);
  }

  @Test
  void suspicion_is_undone_by_one_good_probe_and_a_fall_by_two() {
    hear(WELL);
    attempt(FailureCode.ENGINE_UNREACHABLE);
    assertThat(hear(WELL)).isEqualTo(Health.UP);
    fall();
    assertThat(rise()).isEqualTo(Health.UP);
  }

  @Test
  void good_probes_that_raise_come_in_a_row() {
    hear(WELL);
    fall();
    hear(WELL);
    probe(FailureCode.ENGINE_UNREACHABLE);
    assertThat(hear(WELL)).isEqualTo(Health.DOWN);
    assertThat(hear(WELL)).isEqualTo(Health.UP);
  }

  @Test
  void a_good_probe_between_two_soft_signs_keeps_a_backend_up() {
    hear(WELL);
    attempt(FailureCode.ENGINE_STALLED);
    hear(WELL);
    assertThat(attempt(FailureCode.ENGINE_STALLED)).isEqualTo(Health.UP);
  }

  @Test
  void an_attempt_that_met_a_busy_engine_does_not_raise_one_that_is_down() {
    hear(WELL);
    fall();
    assertThat(attempt(FailureCode.ENGINE_BUSY)).isEqualTo(Health.DOWN);
  }

  @Test
  void a_backend_that_is_up_has_no_trouble_to_tell() {
    hear(WELL);
    attempt(FailureCode.ENGINE_STALLED);
    assertThat(state.trouble()).isEmpty();
    attempt(FailureCode.ENGINE_UNREACHABLE);
    assertThat(state.trouble()).contains("UNREACHABLE");
  }

  @Test
  void only_who_refuses_connections_is_not_even_a_last_resort() {
    hear(WELL);
    attempt(FailureCode.BROKEN_STREAM);
    assertThat(state.isLastResort()).isTrue();
    attempt(FailureCode.ENGINE_UNREACHABLE);
    assertThat(state.isLastResort()).isFalse();
    attempt(FailureCode.BROKEN_STREAM);
    assertThat(state.isLastResort()).isFalse();
  }

  @Test
  void silence_is_suspect_first_and_down_only_after_eight_seconds_without_bytes() {
    hear(WELL);
    assertThat(silent(Duration.ofMillis(2_499), false)).isEqualTo(Health.UP);
    assertThat(silent(Duration.ofMillis(2_500), false)).isEqualTo(Health.SUSPECT);
    assertThat(silent(Duration.ofMillis(7_599), false)).isEqualTo(Health.SUSPECT);
    assertThat(silent(Duration.ofSeconds(20), true)).isEqualTo(Health.SUSPECT);
    assertThat(silent(Duration.ofMillis(7_600), false)).isEqualTo(Health.DOWN);
    assertThat(state.trouble()).isEqualTo("silent for 8 s");
  }

  @Test
  void bytes_of_an_answer_undo_silence_but_not_a_refusal() {
    hear(WELL);
    silent(Duration.ofSeconds(3), false);
    assertThat(hear(new Liveness.Sign.Alive())).isEqualTo(Health.UP);
    attempt(FailureCode.ENGINE_UNREACHABLE);
    assertThat(hear(new Liveness.Sign.Alive())).isEqualTo(Health.SUSPECT);
  }

  @Test
  void a_closed_connection_is_down_after_a_second_without_bytes() {
    hear(WELL);
    assertThat(hear(new Liveness.Sign.Closed("connection lost"))).isEqualTo(Health.SUSPECT);
    now += Duration.ofMillis(999).toNanos();
    assertThat(silent(Duration.ofMillis(999), false)).isEqualTo(Health.SUSPECT);
    now += Duration.ofMillis(1).toNanos();
    assertThat(silent(Duration.ofSeconds(1), true)).isEqualTo(Health.SUSPECT);
    assertThat(silent(Duration.ofSeconds(1), false)).isEqualTo(Health.DOWN);
    assertThat(state.trouble()).isEqualTo("connection lost");
  }

  @Test
  void whoever_doubts_himself_suspects_but_calls_nobody_down() {
    hear(WELL);
    doubting = true;
    assertThat(attempt(FailureCode.ENGINE_UNREACHABLE)).isEqualTo(Health.SUSPECT);
    for (int i = 0; i < 10; i++) {
      assertThat(probe(FailureCode.ENGINE_UNREACHABLE)).isEqualTo(Health.SUSPECT);
      assertThat(silent(Duration.ofSeconds(60), false)).isEqualTo(Health.SUSPECT);
    }
    doubting = false;
    assertThat(probe(FailureCode.ENGINE_UNREACHABLE)).isEqualTo(Health.DOWN);
  }

  @Test
  void what_is_down_for_three_minutes_is_offline_and_returns_the_same_way() {
    hear(WELL);
    fall();
    pass(LivenessLimits.OFFLINE_AFTER.minusNanos(1));
    assertThat(state.health()).isEqualTo(Health.DOWN);
    pass(Duration.ofNanos(1));
    assertThat(state.health()).isEqualTo(Health.OFFLINE);
    hear(WELL);
    assertThat(hear(WELL)).isEqualTo(Health.UP);
  }

  @Test
  void the_first_return_is_not_held_back_and_each_further_flap_twice_as_long() {
    hear(WELL);
    fall();
    assertThat(rise()).isEqualTo(Health.UP);
    var held = new ArrayList<Long>();
    for (int flap = 0; flap < 8; flap++) {
      pass(Duration.ofSeconds(20));
      fall();
      assertThat(rise()).isEqualTo(Health.SUSPECT);
      assertThat(state.isLastResort()).isTrue();
      long since = now;
      while (state.health() == Health.SUSPECT) {
        pass(Duration.ofSeconds(1));
        hear(WELL);
      }
      held.add((now - since) / 1_000_000_000L);
    }
    assertThat(held).isEqualTo(List.of(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L));
  }

  @Test
  void falls_that_are_far_apart_are_no_flaps() {
    hear(WELL);
    for (int i = 0; i < 5; i++) {
      pass(LivenessLimits.FLAP_WITHIN);
      fall();
      assertThat(rise()).isEqualTo(Health.UP);
    }
  }

  @Test
  void one_that_is_held_back_and_loads_a_model_is_held_back_all_the_same() {
    hear(WELL);
    fall();
    rise();
    fall();
    assertThat(rise()).isEqualTo(Health.SUSPECT);
    assertThat(probe(FailureCode.ENGINE_BUSY)).isEqualTo(Health.BUSY);
    assertThat(hear(WELL)).isEqualTo(Health.SUSPECT);
    pass(LivenessLimits.FLAP_FIRST);
    assertThat(state.health()).isEqualTo(Health.UP);
  }
}
