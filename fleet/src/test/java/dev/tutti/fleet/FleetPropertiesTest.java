package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Whoever only hears the events knows the same fleet as whoever reads the view.
final class FleetPropertiesTest {
  private static final int STEPS = 200;
  private static final List<Health> HEALTHS =
      List.of(Health.UNKNOWN, Health.UP, Health.BUSY, Health.DOWN);
  private static final NodeId HUB = new NodeId("hub");

  private final SimulatedTime time = new SimulatedTime();
  private final Map<BackendId, BackendView> heard = new HashMap<>();
  private final Set<NodeId> heardNodes = new HashSet<>(Set.of(HUB));
  private final Fleet fleet = new Fleet(time, HUB, "127.0.0.1", this::hear);

  @Seeds(200)
  void the_events_add_up_to_the_view(RandomGenerator random) {
    for (int step = 0; step < STEPS; step++) {
      command(random);
      FleetView view = fleet.view();
      assertThat(heardNodes)
          .containsExactlyInAnyOrderElementsOf(view.nodes().stream().map(NodeView::id).toList());
      assertThat(heard.keySet()).isEqualTo(view.backends().keySet());
      for (BackendView backend : view.backends().values()) {
        BackendView last = heard.getOrDefault(backend.id(), backend);
        assertThat(last.health()).isEqualTo(backend.health());
        assertThat(last.slots()).isEqualTo(backend.slots());
        assertThat(last.drained()).isEqualTo(backend.drained());
        assertThat(last.url()).isEqualTo(backend.url());
        assertThat(last.share()).isEqualTo(backend.share());
        assertThat(last.lastResort()).isEqualTo(backend.lastResort());
      }
    }
  }

  private void hear(FleetEvent event) {
    switch (event) {
      case FleetEvent.NodeJoined(NodeView node) -> assertThat(heardNodes.add(node.id())).isTrue();
      case FleetEvent.NodeRemoved(NodeId node) -> assertThat(heardNodes.remove(node)).isTrue();
      case FleetEvent.NodeChanged(NodeView node, String _) ->
          assertThat(heardNodes).contains(node.id());
      case FleetEvent.BackendFound(BackendView backend) -> {
        assertThat(heard.put(backend.id(), backend)).isNull();
        assertThat(heardNodes).contains(backend.node());
      }
      case FleetEvent.BackendChanged(BackendView backend, String _) ->
          assertThat(heard.put(backend.id(), backend)).isNotNull();
      case FleetEvent.BackendGone(BackendId id, String _) ->
          assertThat(heard.remove(id)).isNotNull();
      case FleetEvent.ModelAppeared _,
          FleetEvent.ModelVanished _,
          FleetEvent.ModelLoaded _,
          FleetEvent.ModelUnloaded _ -> {}
    }
  }

  private void command(RandomGenerator random) {
    int n = random.nextInt(3);
    var direct = new BackendId("box" + n + "/ollama");
    var box = new NodeId("box" + n);
    var agent = new NodeId("agent" + n);
    switch (random.nextInt(21)) {
      case 0 -> fleet.addDirect(direct, box, "10.0.0." + n, "u" + n, OptionalInt.empty());
      case 1 -> fleet.addressed(direct, Set.of("k" + random.nextInt(3)));
      case 2, 3 -> fleet.probed(direct, facts(random));
      case 4 -> fleet.probeFailed(direct, failure(random));
      case 5 -> fleet.evidence(anyBackend(random), failure(random));
      case 6 -> fleet.remove(direct);
      case 7, 8 -> fleet.nodeJoined(agent, "10.0.0." + n, NodeRole.LLM_WORKER, Hardware.UNKNOWN);
      case 9, 10 -> fleet.nodeReported(agent, report(random));
      case 11 -> fleet.nodeLost(agent, "left");
      case 12 -> fleet.heartbeat(agent);
      case 13 -> time.advance(Duration.ofSeconds(random.nextInt(6)));
      case 14 -> {
        NodeId node = random.nextBoolean() ? agent : box;
        if (random.nextBoolean()) {
          fleet.drain(node);
        } else {
          fleet.resume(node);
        }
      }
      case 15 -> fleet.mute(anyBackend(random), 1 + random.nextInt(2));
      case 16 -> fleet.served(anyBackend(random), new ModelName("m0"), 1 + random.nextInt(50), 1);
      case 17 -> fleet.signOfLife(anyBackend(random));
      case 18 -> fleet.quiet(direct);
      case 19 -> time.advance(Duration.ofSeconds(random.nextInt(60)));
      default -> fleet.nodeRemoved(random.nextBoolean() ? agent : box);
    }
  }

  private BackendId anyBackend(RandomGenerator random) {
    var all = new ArrayList<>(fleet.view().backends().keySet());
    return all.isEmpty() ? new BackendId("nobody") : all.get(random.nextInt(all.size()));
  }

  private static Failure failure(RandomGenerator random) {
    var codes =
        List.of(
            FailureCode.ENGINE_UNREACHABLE,
            FailureCode.ENGINE_STALLED,
            FailureCode.ENGINE_BUSY,
            FailureCode.ENGINE_ERROR);
    return Failure.of(
        codes.get(random.nextInt(codes.size())), Retry.UNSAFE_MAY_HAVE_ACTED, "it failed");
  }

  private static BackendFacts facts(RandomGenerator random) {
    return new BackendFacts(
        BackendKind.LLAMA_SERVER,
        "1",
        random.nextInt(3),
        List.of(FleetTest.model("m" + random.nextInt(3), random.nextBoolean())),
        false);
  }

  private static NodeReport report(RandomGenerator random) {
    var backends = new ArrayList<NodeReport.Backend>();
    for (int i = random.nextInt(3); i > 0; i--) {
      backends.add(
          new NodeReport.Backend(
              "engine-" + i,
              "http://127.0.0.1:" + random.nextInt(2),
              Set.of("k" + random.nextInt(3)),
              facts(random),
              HEALTHS.get(random.nextInt(HEALTHS.size())),
              ""));
    }
    return new NodeReport(Hardware.UNKNOWN, backends);
  }
}
