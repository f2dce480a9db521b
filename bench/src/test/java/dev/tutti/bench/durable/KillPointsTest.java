package dev.tutti.bench.durable;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// A short run of the harness; `./tutti bench durable` is the long one.
final class KillPointsTest {
  private static final int FEW = 200;

  @Test
  void what_was_acknowledged_has_one_result_wherever_the_hub_dies() throws Exception {
    Tally tally = KillPoints.run(FEW, 20_261_101);
    assertThat(tally.faults()).isEmpty();
    assertThat(tally.count("deaths")).isEqualTo(FEW);
    assertThat(tally.count("results")).isGreaterThan(FEW / 2);
  }
}
