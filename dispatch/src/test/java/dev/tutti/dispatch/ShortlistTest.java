package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ShortlistTest {
  private static final int MANY = 200;
  private static final int SLOTS = 2;

  private final Ensemble mesh = new Ensemble(DispatchLimits.DEFAULT, RoutingStrategy.predictive());

  private void engines() {
    for (int i = 0; i < MANY; i++) {
      mesh.engine("n" + i, SLOTS, "m");
    }
  }

  private String nodeOf(Client client) {
    return client.assignments.getLast().node().value();
  }

  @Test
  @DisplayName("in a large fleet a few places are looked at, and not always the same")
  void a_large_fleet() {
    engines();
    var nodes = new HashSet<String>();
    for (int i = 0; i < MANY; i++) {
      nodes.add(nodeOf(mesh.submit("m")));
    }
    assertThat(nodes).hasSizeGreaterThan(MANY / 4);
  }

  @Test
  @DisplayName("the only slot that becomes free in a large fleet is found")
  void the_only_free_slot() {
    engines();
    for (int i = 0; i < MANY * SLOTS; i++) {
      mesh.ask("m").pin("n" + i / SLOTS).submit();
    }
    Client waiting = mesh.submit("m");
    assertThat(waiting.assignments).isEmpty();
    mesh.at("n137").running().getFirst().finish();
    assertThat(nodeOf(waiting)).isEqualTo("n137");
  }

  @Test
  @DisplayName("free slots are found in a large fleet that is nearly full")
  void a_nearly_full_fleet() {
    engines();
    for (int i = 0; i < (MANY - 4) * SLOTS; i++) {
      mesh.ask("m").pin("n" + i / SLOTS).submit();
    }
    for (int i = 0; i < 4 * SLOTS; i++) {
      mesh.submit("m");
    }
    mesh.seconds(10);
    assertThat(mesh.dispatcher.waiting()).isZero();
  }
}
