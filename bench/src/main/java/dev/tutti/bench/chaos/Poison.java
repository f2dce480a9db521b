package dev.tutti.bench.chaos;

import dev.tutti.testkit.chaos.ChaosMesh;
import dev.tutti.testkit.chaos.ChaosNode;
import dev.tutti.testkit.chaos.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A request that kills every engine that begins it, among others that do not: how many it kills.
final class Poison {
  private static final long DEADLY = 1_000_000_000_000L;
  private static final int AGENTS = 4;
  private static final int ASKED_AGAIN = 3;
  private static final double REQUESTS_PER_S = 5;
  private static final int PROMPT_TOKENS = 100;
  private static final int ANSWER_TOKENS = 30;
  private static final Duration WARM = Duration.ofSeconds(1);

  private static final int MOST_DEATHS = 2;

  private final int poisons;
  private final long seed;
  private final boolean lan;

  Poison(int poisons, long seed, boolean lan) {
    this.poisons = poisons;
    this.seed = seed;
    this.lan = lan;
  }

  boolean run() {
    var report = new Report("goal 10: a request that kills engines", seed);
    report.table("poison", "engines dead", "asked " + (ASKED_AGAIN + 1) + " times, answered");
    int most = 0;
    int refused = 0;
    var plan = ChaosMesh.Plan.of(lan, 0, AGENTS).dyingFrom(DEADLY);
    try (var mesh = ChaosMesh.start(plan)) {
      for (int poison = 0; poison < poisons; poison++) {
        if (poison > 0) {
          mesh.restartHub();
        }
        var answers = new ArrayList<String>();
        int dead = one(mesh, DEADLY + seed * poisons + poison, answers);
        most = Math.max(most, dead);
        refused += (int) answers.stream().filter(each -> each.startsWith("422")).count();
        report.row("" + (poison + 1), "" + dead, String.join(", ", answers));
      }
    }
    System.out.println();
    report.atMost("engines_dead_of_one_request", most, MOST_DEATHS);
    report.atLeast("refused_as_poisoned", (double) refused / (poisons * (1 + ASKED_AGAIN)), 1);
    return report.end();
  }

  private static int one(ChaosMesh mesh, long deadly, List<String> answers) {
    try (var callers = mesh.callers(PROMPT_TOKENS, ANSWER_TOKENS, 1)) {
      callers.start(REQUESTS_PER_S);
      Avoidance.pause(WARM);
      for (int ask = 0; ask <= ASKED_AGAIN; ask++) {
        Reply reply = callers.ask(deadly);
        boolean told = reply.detail().contains("poisoned_request");
        answers.add(
            (told ? "422 " : "") + reply.ending().name().toLowerCase(java.util.Locale.ROOT));
      }
      var _ = callers.stop();
    }
    List<ChaosNode> dead = mesh.nodes().stream().filter(node -> !node.isEngineAlive()).toList();
    dead.forEach(ChaosNode::reviveEngine);
    mesh.awaitBack();
    return dead.size();
  }
}
