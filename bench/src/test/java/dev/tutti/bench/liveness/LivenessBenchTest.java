package dev.tutti.bench.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Seed;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A small part of what `tutti bench liveness` does at length.
final class LivenessBenchTest {
  private static final Seed SEED = new Seed(7);

  @Test
  void a_wired_machine_is_hardly_ever_called_dead_while_it_lives() {
    var found = NodeDays.run(Stalls.WIRED, 300, SEED.random());
    assertThat(found.downs()).isLessThanOrEqualTo(6);
    assertThat(found.suspects()).isPositive();
  }

  @Test
  void an_observer_who_was_stopped_blames_nobody() {
    for (int seconds : new int[] {1, 10, 60}) {
      var found = Pauses.run(30, Duration.ofSeconds(seconds), SEED.random());
      assertThat(found.downs()).as("%d s", seconds).isZero();
    }
  }

  @Test
  void who_is_really_dead_gets_no_work_after_three_seconds_and_is_down_before_eight() {
    var silent = Deaths.run(50, Stalls.WIRED, Agent::vanish, SEED.random());
    assertThat(silent.suspect()).allMatch(seconds -> seconds > 0 && seconds < 3);
    assertThat(silent.down()).allMatch(seconds -> seconds >= 6.6 && seconds < 8);
    var closed = Deaths.run(50, Stalls.WIRED, Agent::crash, SEED.random());
    assertThat(closed.suspect()).containsOnly(0.0);
    assertThat(closed.down()).allMatch(seconds -> seconds >= 1 && seconds < 1.5);
  }

  @Test
  void a_seed_says_everything() {
    var once = NodeDays.run(Stalls.BAD_WIFI, 3, SEED.random());
    var again = NodeDays.run(Stalls.BAD_WIFI, 3, SEED.random());
    var other = NodeDays.run(Stalls.BAD_WIFI, 3, new Seed(8).random());
    assertThat(again).isEqualTo(once);
    assertThat(other.hash()).isNotEqualTo(once.hash());
  }
}
