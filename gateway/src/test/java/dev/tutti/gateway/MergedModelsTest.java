package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Health;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MergedModelsTest {
  private static MergedModels.Entry only(BackendView... backends) {
    var entries = MergedModels.of(Fleets.fleet(backends)).entries();
    assertThat(entries).hasSize(1);
    return entries.getFirst();
  }

  @Test
  void models_are_in_the_order_of_their_names_whoever_holds_them() {
    var models =
        MergedModels.of(
            Fleets.fleet(
                Fleets.backend("b/x", Health.UP, Fleets.model("z", "1"), Fleets.model("a", "1")),
                Fleets.backend("a/x", Health.UP, Fleets.model("m", "1"))));
    assertThat(models.entries())
        .extracting(entry -> entry.name().value())
        .containsExactly("a", "m", "z");
  }

  @Test
  @DisplayName("T28 a name and its latest are one")
  void a_name_and_its_latest_are_one() {
    MergedModels.Entry entry =
        only(
            Fleets.backend("a/x", Health.UP, Fleets.model("m", "1")),
            Fleets.backend("b/x", Health.UP, Fleets.model("m:latest", "1")));
    assertThat(entry.holders()).hasSize(2);
    assertThat(entry.conflict()).isFalse();
  }

  @Test
  @DisplayName("T28 the digest that most hold is shown")
  void the_digest_that_most_hold_is_shown() {
    MergedModels.Entry entry =
        only(
            Fleets.backend("a/x", Health.UP, Fleets.model("m", "aaa")),
            Fleets.backend("b/x", Health.UP, Fleets.model("m", "bbb")),
            Fleets.backend("c/x", Health.UP, Fleets.model("m", "bbb")));
    assertThat(entry.facts().digest()).isEqualTo("bbb");
    assertThat(entry.conflict()).isTrue();
  }

  @Test
  @DisplayName("T28 of equally many the digest that sorts first is shown")
  void of_equally_many_the_digest_that_sorts_first_is_shown() {
    MergedModels.Entry entry =
        only(
            Fleets.backend("a/x", Health.UP, Fleets.model("m", "bbb")),
            Fleets.backend("b/x", Health.UP, Fleets.model("m", "aaa")));
    assertThat(entry.facts().digest()).isEqualTo("aaa");
  }

  @Test
  void an_engine_without_digests_agrees_with_everybody() {
    MergedModels.Entry entry =
        only(
            Fleets.backend("a/x", Health.UP, Fleets.model("m", "")),
            Fleets.backend("b/x", Health.UP, Fleets.model("m", "")),
            Fleets.backend("c/x", Health.UP, Fleets.model("m", "ccc")));
    assertThat(entry.facts().digest()).isEqualTo("ccc");
    assertThat(entry.conflict()).isFalse();
  }

  @Test
  void a_backend_that_is_down_or_unknown_lists_nothing_and_a_busy_one_does() {
    var models =
        MergedModels.of(
            Fleets.fleet(
                Fleets.backend("a/x", Health.DOWN, Fleets.model("down", "1")),
                Fleets.backend("b/x", Health.UNKNOWN, Fleets.model("unknown", "1")),
                Fleets.backend("c/x", Health.BUSY, Fleets.model("busy", "1"))));
    assertThat(models.entries()).extracting(entry -> entry.name().value()).containsExactly("busy");
    assertThat(models.find(new ModelName("down"))).isEmpty();
  }

  @Test
  void the_longest_lived_instance_counts() {
    MergedModels.Entry entry =
        only(
            Fleets.backend("a/x", Health.UP, Fleets.loaded("m", "2026-01-01T00:00:00Z")),
            Fleets.backend("b/x", Health.UP, Fleets.loaded("m", "2026-01-01T00:05:00Z")));
    assertThat(entry.loaded().expiresAt()).isEqualTo("2026-01-01T00:05:00Z");
    assertThat(entry.loadedOn())
        .extracting(backend -> backend.id().value())
        .containsExactly("b/x", "a/x");
  }

  @Test
  void expiries_in_different_zones_are_compared_as_instants_and_none_is_for_ever() {
    MergedModels.Entry zones =
        only(
            Fleets.backend("a/x", Health.UP, Fleets.loaded("m", "2026-01-01T09:00:00+09:00")),
            Fleets.backend("b/x", Health.UP, Fleets.loaded("m", "2026-01-01T00:05:00Z")));
    assertThat(zones.loadedOn().getFirst().id().value()).isEqualTo("b/x");
    MergedModels.Entry ever =
        only(
            Fleets.backend("a/x", Health.UP, Fleets.loaded("m", "2026-01-01T00:05:00Z")),
            Fleets.backend("b/x", Health.UP, Fleets.loaded("m", "")));
    assertThat(ever.loadedOn().getFirst().id().value()).isEqualTo("b/x");
  }

  @Test
  void a_model_is_simulated_only_when_all_who_hold_it_are() {
    assertThat(only(Fleets.backend("a/x", Health.UP, true, Fleets.model("sim/m", ""))).simulated())
        .isTrue();
    assertThat(
            only(
                    Fleets.backend("a/x", Health.UP, true, Fleets.model("m", "")),
                    Fleets.backend("b/x", Health.UP, Fleets.model("m", "")))
                .simulated())
        .isFalse();
  }
}
