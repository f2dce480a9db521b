package dev.tutti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.SimulatedTime;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class SimulatedTimeTest {
  private final SimulatedTime time = new SimulatedTime();
  private final List<String> ran = new ArrayList<>();

  @Test
  void a_timer_runs_at_its_exact_instant_and_not_a_nanosecond_before() {
    long start = time.nanos();
    time.after(Duration.ofSeconds(3), () -> ran.add("at " + (time.nanos() - start)));
    time.advance(Duration.ofSeconds(3).minusNanos(1));
    assertThat(ran).isEmpty();
    time.advance(Duration.ofSeconds(10));
    assertThat(ran).containsExactly("at 3000000000");
    assertThat(time.nanos() - start).isEqualTo(12_999_999_999L);
  }

  @Test
  void timers_run_by_due_time_and_ties_in_the_order_they_were_set() {
    time.after(Duration.ofMillis(2), () -> ran.add("late"));
    time.after(Duration.ofMillis(1), () -> ran.add("first"));
    time.after(Duration.ofMillis(1), () -> ran.add("second"));
    time.advance(Duration.ofMillis(2));
    assertThat(ran).containsExactly("first", "second", "late");
  }

  @Test
  void a_timer_set_by_a_timer_runs_within_the_same_advance() {
    time.after(
        Duration.ofMillis(1), () -> time.after(Duration.ofMillis(1), () -> ran.add("child")));
    time.advance(Duration.ofMillis(2));
    assertThat(ran).containsExactly("child");
  }

  @Test
  void a_cancelled_timer_never_runs_even_when_its_tie_cancels_it() {
    List<Time.Timer> victims = new ArrayList<>();
    time.after(Duration.ofMillis(1), () -> victims.forEach(Time.Timer::cancel));
    victims.add(time.after(Duration.ofMillis(1), () -> ran.add("victim")));
    Time.Timer other = time.after(Duration.ofMillis(5), () -> ran.add("other"));
    assertThat(time.pendingTimers()).isEqualTo(3);
    other.cancel();
    other.cancel();
    assertThat(time.pendingTimers()).isEqualTo(2);
    time.advance(Duration.ofSeconds(1));
    assertThat(ran).isEmpty();
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void zero_and_negative_delays_mean_the_next_turn_and_not_now() {
    time.after(Duration.ZERO, () -> ran.add("zero"));
    time.after(Duration.ofSeconds(-1), () -> ran.add("negative"));
    assertThat(ran).isEmpty();
    time.runDue();
    assertThat(ran).containsExactly("zero", "negative");
  }

  @Test
  void advance_to_next_stops_at_each_timer() {
    long start = time.nanos();
    time.after(Duration.ofHours(1), () -> ran.add("hour"));
    assertThat(time.advanceToNext()).isTrue();
    assertThat(time.nanos() - start).isEqualTo(Duration.ofHours(1).toNanos());
    assertThat(ran).containsExactly("hour");
    assertThat(time.advanceToNext()).isFalse();
  }

  @Test
  void a_jump_of_the_wall_clock_moves_neither_the_monotonic_clock_nor_timers() {
    var before = time.now();
    long nanos = time.nanos();
    time.after(Duration.ofMinutes(1), () -> ran.add("timer"));
    time.jumpWallClock(Duration.ofHours(-2));
    assertThat(time.now()).isEqualTo(before.minusSeconds(7200));
    assertThat(time.nanos()).isEqualTo(nanos);
    time.runDue();
    assertThat(ran).isEmpty();
  }

  @Test
  void time_cannot_go_backwards() {
    assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("step: PT-0.000000001S (expected: >= 0)");
  }

  @Seeds(50)
  void any_set_of_timers_runs_sorted_however_time_is_cut_into_steps(RandomGenerator random) {
    List<Long> due = new ArrayList<>();
    List<Long> seen = new ArrayList<>();
    long start = time.nanos();
    for (int i = 0; i < 40; i++) {
      long delay = random.nextLong(1_000);
      due.add(delay);
      time.after(Duration.ofNanos(delay), () -> seen.add(time.nanos() - start));
    }
    while (time.pendingTimers() > 0) {
      time.advance(Duration.ofNanos(random.nextLong(1, 100)));
    }
    assertThat(seen).isEqualTo(due.stream().sorted().toList());
  }
}
