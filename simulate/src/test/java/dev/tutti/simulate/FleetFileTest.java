package dev.tutti.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

final class FleetFileTest {
  private static final String MODELS = "models: {small: {size_gb: 2}, large: {size_gb: 20}}\n";
  private static final String NODE =
      "nodes: [{name: a, ram_gb: 16, rates: {small: {prefill: 10, decode: 1}}%s}]";

  static final Iterable<String> FLEETS = FleetFile.FLEETS;
  static final Iterable<String> HARDWARE = FleetFile.HARDWARE;

  @ParameterizedTest
  @FieldSource("FLEETS")
  void every_fleet_of_ours_can_be_read(String name) {
    FleetSpec fleet = FleetFile.shipped(name);

    assertThat(fleet.name()).isEqualTo(name);
    assertThat(fleet.nodes()).isNotEmpty();
    assertThat(fleet.holds(new ModelName("llama3.1:8b"))).isTrue();
  }

  @ParameterizedTest
  @FieldSource("HARDWARE")
  void every_machine_of_ours_fits_into_a_fleet(String preset) {
    FleetSpec fleet = FleetFile.shipped("symphony-phase-1");

    NodeSpec node = FleetFile.shippedNode(preset, fleet);

    assertThat(node.id().value()).isEqualTo(preset);
    assertThat(node.rates()).containsKey(new ModelName("llama3.1:8b"));
    assertThat(node.power().busy()).isPositive();
    assertThat(FleetFile.shippedNode(preset, fleet.with(node)).id().value())
        .isEqualTo(preset + "-2");
  }

  @Test
  void the_first_phase_is_the_seeds() {
    FleetSpec fleet = FleetFile.shipped("symphony-phase-1");

    assertThat(fleet.nodes())
        .extracting(node -> node.id().value())
        .containsExactly("bob", "maestro", "stagehand");
    NodeSpec maestro = fleet.nodes().get(1);
    assertThat(maestro.rates().get(new ModelName("llama3.1:8b"))).isEqualTo(new Rates(35, 8));
    assertThat(maestro.rates().get(new ModelName("llama3.1:70b"))).isEqualTo(new Rates(4, 2));
    assertThat(fleet.nodes().get(2).rates()).isEmpty();
    assertThat(fleet.nodes().getFirst().rates()).doesNotContainKey(new ModelName("llama3.1:70b"));
  }

  @Test
  void what_a_file_does_not_say_follows_from_the_kind_of_machine() {
    NodeSpec node = FleetFile.parse("f", MODELS + NODE.formatted("")).nodes().getFirst();

    assertThat(node.slots()).isEqualTo(1);
    assertThat(node.sharing()).isEqualTo(new Sharing(false, 0.8, 512));
    assertThat(node.hardware().ramFree()).isEqualTo(new Bytes(12_000_000_000L));
    assertThat(node.cacheTokens()).containsEntry(new ModelName("small"), 31_250L);
    assertThat(node.loading()).isEqualTo(new NodeSpec.Loading(1e9, 500_000_000));
  }

  @Test
  void a_file_says_all_of_it() {
    String more =
        ", tier: gpu, slots: 3, models_gb: 8, cache_tokens: 99, price: 5, watts: {idle: 1, busy: 2},"
            + " sharing: {independent: true, batching: 0.2, batch_tokens: 64},"
            + " loading: {gb_per_s: 4, start_s: 0}, role: hq";

    NodeSpec node = FleetFile.parse("f", MODELS + NODE.formatted(more)).nodes().getFirst();

    assertThat(node.slots()).isEqualTo(3);
    assertThat(node.sharing()).isEqualTo(new Sharing(true, 0.2, 64));
    assertThat(node.hardware().ramFree()).isEqualTo(new Bytes(8_000_000_000L));
    assertThat(node.cacheTokens()).containsEntry(new ModelName("small"), 99L);
    assertThat(node.loading()).isEqualTo(new NodeSpec.Loading(4e9, 0));
    assertThat(node.power()).isEqualTo(new NodeSpec.Power(1, 2));
    assertThat(node.price()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "slots: 0|f.nodes[0].slots: 0 (expected: 1 to 1024)",
        "slotz: 2|f.nodes[0].slotz: unknown (expected: one of [",
        "tier: quantum|f.nodes[0].tier: quantum (expected: one of [cpu, apple-silicon, gpu])",
        "role: king|f.nodes[0].role: king (expected: one of [",
        "preset: cray-1|f.nodes[0].preset: cray-1 (expected: one of [",
        "models: [tiny]|f.nodes[0].models: tiny (expected: one of [small])",
        "models: 3|f.nodes[0].models: 3 (expected: a list)",
        "slots: 99999999999999999999|f.nodes[0].slots: 99999999999999999999 (expected: 1 to 1024)",
        "models_gb: 1, models: [small]|f.nodes[0].models: small (expected: <= 1.0 GB)",
        "sharing: {batching: high}|f.nodes[0].sharing.batching: \"high\" (expected: 0.0 to 10.0)",
        "sharing: {independent: 1}|f.nodes[0].sharing.independent: 1 (expected: true or false)",
      })
  void a_mistake_is_named_with_its_place(String more, String message) {
    assertThatThrownBy(() -> FleetFile.parse("f", MODELS + NODE.formatted(", " + more)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nodes: []|f.nodes: [] (expected: a list)",
        "nodes: [{name: a}]|f.nodes[0].ram_gb: missing (expected: 0.1 to 100000.0)",
        "nodes: [{name: A, ram_gb: 1}]|f.nodes[0].name: value: A (expected: ",
        "nodes: [{name: a, ram_gb: 1}, {name: a, ram_gb: 1}]|f.nodes[1].name: a (expected: a name",
        "nodes: [{name: a, ram_gb: 1, rates: {x: {prefill: 1, decode: 1}}}]|f.nodes[0].rates: x",
        "models: 4|f.models: 4 (expected: a mapping)",
        "'nodes: [{'|f:1: not YAML",
        "7|f: NUMBER (expected: a mapping)"
      })
  void a_file_that_is_no_fleet_is_refused(String text, String message) {
    assertThatThrownBy(() -> FleetFile.parse("f", text))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void nobody_has_such_a_fleet() {
    assertThatThrownBy(() -> FleetFile.shipped("symphony-phase-9"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("fleet: symphony-phase-9 (expected: a file, or one of [");
  }
}
