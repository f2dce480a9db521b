package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LivenessTest {
  private static final Liveness UP = new Liveness(Health.UP, 0, "");
  private static final Liveness DOWN = new Liveness(Health.DOWN, 0, "gone");

  private static Failure failure(FailureCode code) {
    return Failure.of(code, Retry.UNSAFE_MAY_HAVE_ACTED, "it said " + code);
  }

  private static Liveness attempt(Liveness state, FailureCode code) {
    return state.after(new Liveness.Sign.AttemptFailed(failure(code)));
  }

  private static Liveness probe(Liveness state, FailureCode code) {
    return state.after(new Liveness.Sign.ProbeFailed(failure(code)));
  }

  @ParameterizedTest
  @CsvSource({
    "ENGINE_UNREACHABLE, DOWN, DOWN",
    "ENGINE_BUSY, BUSY, BUSY",
    "ENGINE_STALLED, UP, DOWN",
    "BROKEN_STREAM, UP, DOWN",
    "ENGINE_ERROR, UP, UP",
    "INVALID_REQUEST, UP, UP",
    "NOT_FOUND, UP, UP",
    "CANCELLED, UP, UP",
    "INTERNAL, UP, UP",
    "TOO_LARGE, UP, UP",
  })
  void an_attempts_failure_counts_by_its_kind(FailureCode code, Health once, Health twice) {
    Liveness first = attempt(UP, code);
    assertThat(first.health()).isEqualTo(once);
    assertThat(attempt(first, code).health()).isEqualTo(twice);
  }

  @ParameterizedTest
  @CsvSource({
    "ENGINE_UNREACHABLE, DOWN, DOWN",
    "ENGINE_BUSY, BUSY, BUSY",
    "ENGINE_STALLED, UP, DOWN",
    "ENGINE_ERROR, UP, DOWN",
    "UNAUTHENTICATED, UP, DOWN",
  })
  void a_probes_failure_counts_by_its_kind(FailureCode code, Health once, Health twice) {
    Liveness first = probe(UP, code);
    assertThat(first.health()).isEqualTo(once);
    assertThat(probe(first, code).health()).isEqualTo(twice);
  }

  @Test
  void one_good_probe_makes_up_for_everything() {
    assertThat(DOWN.after(new Liveness.Sign.Well())).isEqualTo(UP);
    assertThat(probe(UP, FailureCode.ENGINE_BUSY).after(new Liveness.Sign.Well())).isEqualTo(UP);
  }

  @Test
  void a_good_probe_between_two_soft_signs_keeps_a_backend_up() {
    Liveness once = attempt(UP, FailureCode.ENGINE_STALLED);
    Liveness again = attempt(once.after(new Liveness.Sign.Well()), FailureCode.ENGINE_STALLED);
    assertThat(again.health()).isEqualTo(Health.UP);
  }

  @Test
  void an_attempt_that_met_a_busy_engine_does_not_raise_one_that_is_down() {
    assertThat(attempt(DOWN, FailureCode.ENGINE_BUSY)).isEqualTo(DOWN);
  }

  @Test
  void a_backend_that_is_up_has_no_trouble_to_tell() {
    assertThat(attempt(UP, FailureCode.ENGINE_STALLED).trouble()).isEmpty();
    assertThat(attempt(UP, FailureCode.ENGINE_UNREACHABLE).trouble()).contains("UNREACHABLE");
  }
}
