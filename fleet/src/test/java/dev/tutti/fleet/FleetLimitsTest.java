package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.BackendId;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class FleetLimitsTest {
  private static final NodeId HUB = new NodeId("hub");
  private static final int ROUNDS = 12;

  private final Fleet fleet = new Fleet(new SimulatedTime(), HUB, "127.0.0.1", _ -> {});

  private void join(String name) {
    fleet.nodeJoined(new NodeId(name), "10.0.0.5", NodeRole.LLM_WORKER, Hardware.UNKNOWN);
  }

  private void add(String name) {
    fleet.addDirect(new BackendId(name), HUB, "10.0.0.5", "http://x", OptionalInt.empty());
  }

  private static void assertRefused(ThrowingCallable command, String message) {
    assertThatThrownBy(command).isInstanceOf(MeshException.class).hasMessageContaining(message);
  }

  @Test
  void strangers_cannot_fill_the_list() {
    for (int i = 0; i < FleetLimits.MAX_PENDING; i++) {
      fleet.nodePending(new NodeId("stranger-" + i), "10.0.0.9");
    }
    assertRefused(() -> fleet.nodePending(new NodeId("one-more"), "10.0.0.9"), "expected: <= 32");
  }

  @Test
  void the_number_of_machines_is_bounded() {
    for (int i = 1; i < FleetLimits.MAX_NODES; i++) {
      join("n" + i);
    }
    assertRefused(() -> join("one-more"), "nodes: 1024 (expected: < 1024 to add one)");
  }

  @Test
  void the_number_of_backends_is_bounded_and_one_that_goes_makes_room() {
    for (int i = 0; i < FleetLimits.MAX_BACKENDS; i++) {
      add("b" + i);
    }
    assertRefused(() -> add("one-more"), "backends: 1025");
    fleet.remove(new BackendId("b7"));
    add("one-more");
    assertThat(fleet.view().node(HUB).orElseThrow().backends())
        .extracting(backend -> backend.id().value())
        .hasSize(FleetLimits.MAX_BACKENDS)
        .contains("one-more")
        .doesNotContain("b7");
  }

  @Test
  void the_number_of_remembered_models_is_bounded() {
    add("b0");
    for (int round = 0; round < ROUNDS; round++) {
      var many = new ModelFacts[BackendFacts.MAX_MODELS];
      for (int i = 0; i < many.length; i++) {
        many[i] = FleetTest.model("m" + round + "-" + i, false);
      }
      fleet.probed(new BackendId("b0"), FleetTest.facts(many));
    }
    assertThat(fleet.view().everSeen())
        .hasSize(FleetLimits.MAX_EVER_SEEN)
        .contains(new ModelName("m11-1999"))
        .doesNotContain(new ModelName("m0-0"));
  }
}
