package dev.tutti.worklist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class VerdictTest {
  private static final WorkLimits LIMITS = new WorkLimits(1, 1, 3, Duration.ofSeconds(1));
  private static final byte[] BODY = {'{', '}'};

  private static Verdict of(FailureCode code, Retry retry, int attempts, boolean young) {
    var failure = Failure.of(code, retry, "why").retryAfter(Duration.ofSeconds(7));
    return Verdict.of(
        new Worker.Ending.Failed(failure, code.httpStatus(), "application/json", BODY),
        attempts,
        LIMITS,
        young);
  }

  private static ItemState end(Verdict verdict) {
    return ((Verdict.End) verdict).result().state();
  }

  @Test
  void an_answer_ends_it() {
    var answered = new Worker.Ending.Answered("application/json", BODY);
    assertThat(end(Verdict.of(answered, 9, LIMITS, false))).isEqualTo(ItemState.DONE);
  }

  @Test
  void nobody_having_time_counts_for_nothing() {
    assertThat(of(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, 9, false))
        .isEqualTo(new Verdict.Again(false, Duration.ofSeconds(7)));
  }

  @Test
  void an_engines_failure_is_tried_again_a_few_times() {
    assertThat(of(FailureCode.ENGINE_ERROR, Retry.UNSAFE_MAY_HAVE_ACTED, 2, false))
        .isEqualTo(new Verdict.Again(true, Duration.ofSeconds(7)));
    assertThat(end(of(FailureCode.ENGINE_ERROR, Retry.UNSAFE_MAY_HAVE_ACTED, 3, false)))
        .isEqualTo(ItemState.FAILED);
    assertThat(end(of(FailureCode.ENGINE_ERROR, Retry.POINTLESS, 1, false)))
        .isEqualTo(ItemState.FAILED);
    assertThat(end(of(FailureCode.INVALID_REQUEST, Retry.POINTLESS, 1, true)))
        .isEqualTo(ItemState.FAILED);
  }

  @Test
  void a_model_that_a_young_hub_does_not_know_may_still_come() {
    assertThat(of(FailureCode.NOT_FOUND, Retry.POINTLESS, 3, true))
        .isEqualTo(new Verdict.Again(false, Duration.ofSeconds(7)));
    assertThat(of(FailureCode.FORBIDDEN, Retry.POINTLESS, 3, true))
        .isInstanceOf(Verdict.Again.class);
    assertThat(end(of(FailureCode.NOT_FOUND, Retry.POINTLESS, 3, false)))
        .isEqualTo(ItemState.FAILED);
  }
}
