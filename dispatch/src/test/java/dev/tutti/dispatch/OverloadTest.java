package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class OverloadTest {
  private final Overload overload = new Overload(0);

  private static long at(double seconds) {
    return Math.round(seconds * 1e9);
  }

  /// For so long somebody comes every 100 ms and waits for that long.
  private void waits(double from, double to, double wait) {
    for (double now = from; now <= to; now += 0.1) {
      overload.moved(at(now - wait), at(now));
    }
  }

  @Test
  void waits_above_the_target_for_a_window_with_somebody_turned_away_are_an_overload() {
    waits(0, 4, 2);
    overload.turnedAway(at(4));
    assertThat(overload.isOn()).isFalse();
    waits(4, 5.2, 2);
    assertThat(overload.isOn()).isTrue();
  }

  @Test
  void waits_alone_are_none() {
    waits(0, 60, 20);
    assertThat(overload.isOn()).isFalse();
  }

  @Test
  void one_short_wait_within_the_window_is_enough_to_be_calm() {
    overload.turnedAway(at(0));
    waits(0, 4, 2);
    overload.moved(at(3.5), at(4.1));
    overload.turnedAway(at(4.2));
    waits(4.2, 9, 2);
    assertThat(overload.isOn()).isFalse();
    overload.turnedAway(at(9));
    waits(9, 10, 2);
    assertThat(overload.isOn()).isTrue();
  }

  @Test
  void who_was_turned_away_long_ago_does_not_count() {
    overload.turnedAway(at(0));
    waits(0, 20, 2);
    assertThat(overload.isOn()).as("at 5 s it counted still").isTrue();
    var later = new Overload(0);
    later.turnedAway(at(0));
    later.moved(at(0), at(0));
    later.moved(at(0), at(6));
    assertThat(later.isOn()).isFalse();
  }

  @Test
  void it_lasts_until_next_to_nobody_waits() {
    overload.turnedAway(at(4));
    waits(0, 6, 2);
    assertThat(overload.isOn()).isTrue();
    waits(6, 60, 0.9);
    assertThat(overload.isOn()).as("below the target, above half of it").isTrue();
    waits(60, 61, 0.4);
    assertThat(overload.isOn()).isFalse();
    overload.turnedAway(at(61));
    overload.moved(at(58), at(61.1));
    assertThat(overload.isOn()).as("a window passes before it is one again").isFalse();
  }

  @Test
  void it_lasts_while_people_are_turned_away_however_short_the_queue_is() {
    overload.turnedAway(at(4));
    waits(0, 6, 2);
    for (double now = 6; now < 20; now += 0.5) {
      overload.turnedAway(at(now));
      overload.emptied(at(now + 0.2));
      assertThat(overload.isOn()).isTrue();
    }
    overload.emptied(at(21));
    assertThat(overload.isOn()).isFalse();
  }

  @Test
  void an_empty_queue_ends_it() {
    overload.turnedAway(at(4));
    waits(0, 6, 2);
    overload.emptied(at(6.1));
    assertThat(overload.isOn()).isFalse();
    assertThat(Overload.WINDOW).isEqualTo(Duration.ofSeconds(5));
  }
}
