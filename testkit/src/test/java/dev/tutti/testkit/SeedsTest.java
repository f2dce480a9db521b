package dev.tutti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

final class SeedsTest {
  private static final Set<Long> SEEN = new HashSet<>();
  private static final String REPLAY = System.getProperty(SeedSource.REPLAY_PROPERTY, "");

  @Seeds(20)
  void the_seed_is_in_the_display_name_and_makes_the_same_numbers_again(Seed seed, TestInfo test) {
    assertThat(test.getDisplayName()).contains("seed " + seed.value());
    assertThat(seed.random().nextLong()).isEqualTo(new Seed(seed.value()).random().nextLong());
    SEEN.add(seed.value());
  }

  @Seeds(3)
  void a_generator_is_given_to_whoever_asks_for_one(RandomGenerator random, TestInfo test) {
    long value = Long.parseLong(test.getDisplayName().replaceAll("\\D+", ""));
    assertThat(random.nextLong()).isEqualTo(new Seed(value).random().nextLong());
  }

  @Test
  void one_named_seed_replaces_all() {
    assertThat(SeedSource.seeds(5, "")).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(SeedSource.seeds(5, " -77 ")).containsExactly(-77L);
    assertThatThrownBy(() -> SeedSource.seeds(0, ""))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("seeds: 0 (expected: >= 1)");
  }

  @AfterAll
  static void every_seed_was_tried() {
    assertThat(SEEN).hasSize(REPLAY.isBlank() ? 20 : 1);
  }
}
