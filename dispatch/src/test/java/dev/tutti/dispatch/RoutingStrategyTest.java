package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.dispatch.Candidate.Match;
import dev.tutti.testkit.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RoutingStrategyTest {
  private static final TaskFacts TASK =
      new TaskFacts(TaskType.CHAT, new ModelName("m"), Set.of(), 0, "");

  /// `name match activeOnNode activeOnBackend slots freeGibi lastPicked [priority]`
  private static Candidate candidate(String text) {
    String[] f = text.strip().split(" +", -1);
    double free = Double.parseDouble(f[5]);
    return new Candidate(
        new BackendId(f[0]),
        new NodeId(f[0]),
        Ensemble.model("m"),
        Match.valueOf(f[1]),
        Integer.parseInt(f[2]),
        Integer.parseInt(f[3]),
        1,
        Integer.parseInt(f[4]),
        free < 0 ? Bytes.UNKNOWN : Bytes.ofGibi(free),
        Long.parseLong(f[6]),
        false,
        Pool.PREFERRED,
        f.length > 7 ? Integer.parseInt(f[7]) : WorkerRule.USUAL_PRIORITY,
        Prediction.NONE);
  }

  private static void assertFirst(RoutingStrategy strategy, String winner, String loser) {
    var a = candidate(winner);
    var b = candidate(loser);
    assertThat(strategy.rank(TASK, List.of(a, b))).containsExactly(a, b);
    assertThat(strategy.rank(TASK, List.of(b, a))).containsExactly(a, b);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "the exact model before all else,          z EXACT 9 9 9 -1 9, a TYPE 0 0 1 64 0",
    "the exact model before a substitute,      z EXACT 9 9 9 -1 9, a SUBSTITUTE 0 0 1 64 0",
    "the type before load,                     z TYPE 9 9 9 -1 9,  a ANY 0 0 1 64 0",
    "fewest active on the node before memory,  z EXACT 1 0 1 1 0,  a EXACT 2 0 1 64 0",
    "the node's load and not the backend's,    z EXACT 1 1 1 1 0,  a EXACT 2 0 1 64 0",
    "most free memory before the name,         z EXACT 1 0 1 8 0,  a EXACT 1 0 1 4 0",
    "known memory before unknown,              z EXACT 1 0 1 0 0,  a EXACT 1 0 1 -1 0",
    "the name at last,                         a EXACT 1 0 1 8 5,  b EXACT 1 0 1 8 0",
    "the name when nobody's memory is known,   a EXACT 1 0 1 -1 5, b EXACT 1 0 1 -1 0",
  })
  void echo_decides_each_tie_by_the_next_question(String why, String winner, String loser) {
    assertThat(why).isNotBlank();
    assertFirst(RoutingStrategy.echo(), winner, loser);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "the model first,                          z EXACT 9 9 9 -1 9, a TYPE 0 0 1 64 0",
    "the share of busy slots,                  z EXACT 9 2 8 1 0,  a EXACT 0 1 2 64 0",
    "then the node's load,                     z EXACT 1 1 2 1 0,  a EXACT 2 2 4 64 0",
    "the name at last and not memory,          a EXACT 1 1 2 1 5,  b EXACT 1 1 2 64 0",
  })
  void least_busy_decides_each_tie_by_the_next_question(String why, String winner, String loser) {
    assertThat(why).isNotBlank();
    assertFirst(RoutingStrategy.leastBusy(), winner, loser);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "the model first,                 z EXACT 9 9 9 -1 9 10, a TYPE 0 0 1 64 0 90",
    "then the higher priority,        z EXACT 9 9 9 -1 9 90, a EXACT 0 0 1 64 0 40",
    "then the share of busy slots,    z EXACT 9 2 8 1 0 40,  a EXACT 0 1 2 64 0 40",
    "the name at last,                a EXACT 1 1 2 1 5 40,  b EXACT 1 1 2 64 0 40",
  })
  void priority_decides_each_tie_by_the_next_question(String why, String winner, String loser) {
    assertThat(why).isNotBlank();
    assertFirst(RoutingStrategy.priority(), winner, loser);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "the model first,                          z EXACT 9 9 9 -1 9, a TYPE 0 0 1 64 0",
    "then whoever waited longest,              z EXACT 9 9 9 -1 3, a EXACT 0 0 1 64 4",
    "the name at last,                         a EXACT 9 9 9 -1 0, b EXACT 0 0 1 64 0",
  })
  void round_robin_decides_each_tie_by_the_next_question(String why, String winner, String loser) {
    assertThat(why).isNotBlank();
    assertFirst(RoutingStrategy.roundRobin(), winner, loser);
  }

  @Seeds(50)
  void every_strategy_ranks_the_same_whatever_order_it_is_given(RandomGenerator random) {
    var all = new ArrayList<Candidate>();
    for (int i = 0; i < 12; i++) {
      all.add(
          candidate(
              "b%d %s %d %d %d %d %d"
                  .formatted(
                      i,
                      random.nextBoolean() ? "EXACT" : "ANY",
                      random.nextInt(3),
                      random.nextInt(3),
                      1 + random.nextInt(3),
                      random.nextInt(3) - 1,
                      random.nextInt(3))));
    }
    for (RoutingStrategy strategy : RoutingStrategy.all()) {
      var ranked = strategy.rank(TASK, all);
      var shuffled = new ArrayList<>(all);
      Collections.shuffle(shuffled, Random.from(random));
      assertThat(strategy.rank(TASK, shuffled)).isEqualTo(ranked);
    }
  }

  @Test
  void each_strategy_has_a_name_and_tells_its_figures() {
    assertThat(RoutingStrategy.all())
        .extracting(RoutingStrategy::name)
        .containsExactly("predictive", "priority", "echo", "least-busy", "round-robin");
    assertThat(RoutingStrategy.echo().figures(candidate("a EXACT 0 0 1 12.3 0")))
        .isEqualTo("exact model; 0 of 1 slots busy; 12.3 GiB free");
    assertThat(RoutingStrategy.echo().figures(candidate("a ANY 0 0 1 -1 0")))
        .isEqualTo("model that can do it; 0 of 1 slots busy; free memory unknown");
  }
}
