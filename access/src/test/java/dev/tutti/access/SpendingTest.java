package dev.tutti.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpendingTest {
  private static final Instant JANUARY = Instant.parse("2026-01-31T23:00:00Z");
  private static final Instant FEBRUARY = Instant.parse("2026-02-01T00:00:00Z");

  @Test
  void a_new_month_begins_at_nothing() {
    var spending = new Spending();
    spending.restore(Map.of("ann", 5L, "", 2L), JANUARY);
    spending.add("ann", 10, JANUARY);
    assertThat(spending.of("ann", JANUARY)).isEqualTo(15);
    assertThat(spending.total(JANUARY)).isEqualTo(17);
    assertThat(spending.of("ann", FEBRUARY)).isZero();
    assertThat(spending.total(FEBRUARY)).isZero();
    assertThat(Spending.monthOf(JANUARY)).isEqualTo("2026-01");
    assertThat(Spending.leftOf(JANUARY)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void not_everybody_is_told_apart_but_all_is_counted() {
    var spending = new Spending();
    for (int i = 0; i <= Spending.MAX_NAMES; i++) {
      spending.add("k" + i, 1, JANUARY);
    }
    assertThat(spending.all(JANUARY)).hasSize(Spending.MAX_NAMES);
    assertThat(spending.total(JANUARY)).isEqualTo(Spending.MAX_NAMES + 1);
  }
}
