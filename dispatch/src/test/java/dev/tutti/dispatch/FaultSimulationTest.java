package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Seed;
import dev.tutti.testkit.Seeds;

/// Ten thousand hours of a cluster whose engines are killed, stopped and started again while
/// clients come in crowds, leave and read slowly: no task is lost, none has two attempts at a time
/// or is begun anew once something of it was written, every queue keeps its limit, every slot is
/// accounted for. A seed that fails is replayed by `-Dseed=N`.
final class FaultSimulationTest {
  private static final int HOURS = 10;

  /// One run in so many is played twice, to see that it is the same bit by bit.
  private static final long TWICE = 25;

  /// One run in so many has an agent, whose heartbeats take most of the time.
  private static final long AGENTS = 20;

  @Seeds(1_000)
  void no_task_is_lost_and_none_is_run_twice_whatever_fails(Seed seed) {
    FaultWorld world = play(seed);
    assertThat(world.tasks).isPositive();
    if (seed.value() % TWICE == 0) {
      assertThat(play(seed).hash()).isEqualTo(world.hash());
    }
  }

  private static FaultWorld play(Seed seed) {
    var world = new FaultWorld(seed.random(), seed.value() % AGENTS == 0);
    world.play(HOURS);
    return world;
  }
}
