package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SilenceTest {
  private static final GatewayLimits.Answers LIMITS = GatewayLimits.DEFAULT.answers();

  private static Silence silence(int ttlSeconds) {
    return new Silence(LIMITS, Duration.ofSeconds(ttlSeconds));
  }

  private static long at(int seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  private static OptionalLong due(int seconds) {
    return OptionalLong.of(at(seconds));
  }

  @Test
  @DisplayName("T41 15 s after an engine has the task, if it says nothing")
  void a_silent_engine() {
    Silence silence = silence(30);
    silence.runs(at(100));
    assertThat(silence.due()).isEqualTo(due(115));
  }

  @Test
  void an_engine_that_speaks_is_given_more_time_while_the_answer_is_gathered() {
    Silence silence = silence(30);
    silence.runs(at(100));
    silence.engineSpoke(at(110));
    assertThat(silence.due()).isEqualTo(due(125));
    silence.engineSpoke(at(150));
    assertThat(silence.due()).isEqualTo(due(160));
  }

  @Test
  void nothing_in_a_queue_that_refuses_before_long() {
    for (int ttl : new int[] {0, 30, 60}) {
      Silence silence = silence(ttl);
      silence.waits(at(100));
      assertThat(silence.due()).isEmpty();
    }
  }

  @Test
  void after_60_s_in_a_queue_that_waits_longer() {
    Silence silence = silence(61);
    silence.waits(at(100));
    assertThat(silence.due()).isEqualTo(due(160));
  }

  @Test
  void another_attempt_has_its_own_time() {
    Silence silence = silence(30);
    silence.runs(at(100));
    silence.waits(at(105));
    assertThat(silence.due()).isEmpty();
    silence.runs(at(110));
    assertThat(silence.due()).isEqualTo(due(125));
  }

  @Test
  void every_15_s_once_it_has_begun() {
    Silence silence = silence(30);
    silence.runs(at(100));
    silence.wrote(at(115));
    assertThat(silence.due()).isEqualTo(due(130));
    silence.engineSpoke(at(120));
    assertThat(silence.due()).isEqualTo(due(130));
    silence.wrote(at(121));
    assertThat(silence.due()).isEqualTo(due(136));
    silence.waits(at(122));
    assertThat(silence.due()).isEqualTo(due(137));
  }
}
