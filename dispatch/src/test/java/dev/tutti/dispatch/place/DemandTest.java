package dev.tutti.dispatch.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.core.ModelName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// How much each model is asked for.
class DemandTest {
  private static final ModelName MODEL = new ModelName("m");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Demand demand = new Demand();

  private Demand.Need need(Instant now) {
    return demand.needs(now).getOrDefault(MODEL, Demand.Need.NONE);
  }

  private Instant every(Duration gap, int times) {
    Instant now = START;
    for (int i = 0; i < times; i++) {
      now = START.plus(gap.multipliedBy(i));
      demand.asked(MODEL, 100, 20, now);
    }
    return now;
  }

  @Test
  void a_steady_rate_is_known_after_an_hour_and_after_days() {
    Instant soon = every(Duration.ofMinutes(1), 120);
    assertThat(need(soon).perHour()).isCloseTo(60, within(2.0));
    Instant late = every(Duration.ofMinutes(1), 60 * 24 * 4);
    assertThat(need(late).perHour()).isCloseTo(60, within(2.0));
    assertThat(need(late).promptTokens()).isCloseTo(100, within(1e-6));
    assertThat(need(late).outputTokens()).isCloseTo(20, within(1e-6));
  }

  @Test
  void one_task_is_no_stream_of_tasks() {
    demand.asked(MODEL, 100, 20, START);
    assertThat(need(START).perHour()).isLessThan(1.1);
  }

  @Test
  void what_was_asked_for_half_a_day_ago_counts_half() {
    Instant end = every(Duration.ofMinutes(1), 60 * 24 * 8);
    double then = need(end).perHour();
    double later = need(end.plus(Demand.HALVES_IN)).perHour();
    assertThat(later).isCloseTo(then / 2, within(0.5));
    assertThat(need(end.plus(Demand.HALVES_IN)).idle()).isEqualTo(Demand.HALVES_IN);
  }

  @Test
  void it_outlives_the_hub_and_leaves_the_rows_of_others_alone() {
    Instant end = every(Duration.ofMinutes(1), 200);
    Map<String, double[]> saved = new HashMap<>(demand.save());
    saved.put("pace\nx\ny", new double[5]);
    saved.put("demand\nbroken", new double[2]);
    var fresh = new Demand();
    fresh.restore(saved);
    assertThat(fresh.needs(end)).isEqualTo(demand.needs(end));
  }

  @Test
  void no_more_models_are_remembered_than_there_is_room_for() {
    for (int i = 0; i <= Demand.MAX_MODELS; i++) {
      demand.asked(new ModelName("m" + i), 1, 1, START);
    }
    assertThat(demand.needs(START))
        .hasSize(Demand.MAX_MODELS)
        .doesNotContainKey(new ModelName("m0"));
  }

  @Test
  void a_clock_that_is_set_back_changes_nothing() {
    Instant end = every(Duration.ofMinutes(1), 120);
    demand.asked(MODEL, 100, 20, end.minus(Duration.ofDays(3)));
    assertThat(need(end).perHour()).isCloseTo(60, within(3.0));
  }
}
