package dev.tutti.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetersTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Meters meters = new Meters();

  private static Principal ann(Quota quota) {
    return new Principal(
        "ann", "a", new Rights(Set.of(Scope.INFER), Globs.ALL, Tier.GUEST, quota, 9, false, 1));
  }

  @Test
  void a_minutes_worth_may_begin_at_once_and_then_as_it_comes_back() {
    Principal who = ann(new Quota(60, 0, 0, -1));
    for (int i = 0; i < 60; i++) {
      assertThat(meters.begin(who, "t" + i, 5, 0)).isEmpty();
    }
    assertThat(meters.begin(who, "more", 5, 0))
        .contains(new Meters.Over("60 requests a minute", Duration.ofSeconds(1)));
    assertThat(meters.begin(who, "more", 5, SECOND)).isEmpty();
    assertThat(meters.standing(who, SECOND).orElseThrow())
        .isEqualTo(
            new Meters.Standing(
                new Quota(60, 0, 0, -1), 0, 0, Duration.ofSeconds(60), Duration.ZERO));
    assertThat(meters.standing(who, 1_000 * SECOND).orElseThrow().requests()).isEqualTo(60);
  }

  @Test
  void tokens_are_put_right_by_what_a_task_really_took() {
    Principal who = ann(new Quota(0, 600, 0, -1));
    assertThat(meters.begin(who, "one", 100, 0)).isEmpty();
    meters.end("one", 900);
    assertThat(meters.standing(who, 0).orElseThrow().tokens()).isZero();
    // It owes 300, which is half a minute's worth, and a little more.
    Duration wait = meters.begin(who, "two", 10, 0).orElseThrow().retryAfter();
    assertThat(wait).isBetween(Duration.ofSeconds(31), Duration.ofMillis(31_001));
    assertThat(meters.begin(who, "two", 10, wait.toNanos())).isEmpty();
    meters.end("two", 0);
    meters.end("two", 10_000);
    assertThat(meters.standing(who, wait.toNanos()).orElseThrow().tokens()).isEqualTo(10);
  }

  @Test
  void what_is_larger_than_a_minutes_worth_may_begin_when_nothing_is_owed() {
    Principal who = ann(new Quota(0, 600, 0, -1));
    assertThat(meters.begin(who, "large", 50_000, 0)).isEmpty();
    assertThat(meters.begin(who, "next", 1, 0)).isPresent();
  }

  @Test
  void no_more_at_a_time_than_the_bound_and_each_end_counts_once() {
    Principal who = ann(new Quota(0, 0, 2, -1));
    assertThat(meters.begin(who, "a", 1, 0)).isEmpty();
    assertThat(meters.begin(who, "b", 1, 0)).isEmpty();
    assertThat(meters.begin(who, "c", 1, 0).map(Meters.Over::what)).contains("2 tasks at a time");
    meters.end("a", 1);
    meters.end("a", 1);
    meters.end("never", 1);
    assertThat(meters.begin(who, "c", 1, 0)).isEmpty();
    assertThat(meters.begin(who, "d", 1, 0)).isPresent();
  }

  @Test
  void who_has_no_bounds_is_not_counted() {
    assertThat(meters.begin(Principal.OWNER, "a", 1, 0)).isEmpty();
    assertThat(meters.standing(Principal.OWNER, 0)).isEqualTo(Optional.empty());
  }

  @Test
  void there_are_no_more_meters_than_keys() {
    for (int i = 0; i < 3 * Key.MAX_KEYS; i++) {
      var who = new Principal("k" + i, "k" + i, ann(new Quota(1, 0, 0, -1)).rights());
      assertThat(meters.begin(who, "t" + i, 1, 0)).isEmpty();
      meters.end("t" + i, 1);
      assertThat(meters.size()).isLessThanOrEqualTo(Key.MAX_KEYS);
    }
  }
}
