package dev.tutti.bench.liveness;

import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import dev.tutti.fleet.Fleet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Machines that really die: how soon they get no more work, and how soon they are given up.
final class Deaths {
  private static final double BEFORE = 40;
  private static final double AFTER = 20;

  private Deaths() {}

  /// Sorted seconds from death to each verdict.
  record Delays(List<Double> suspect, List<Double> down, long hash) {
    static double quantile(List<Double> sorted, double share) {
      return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(share * sorted.size())));
    }
  }

  static Delays run(int deaths, Stalls model, Consumer<Agent> death, RandomGenerator random) {
    var suspect = new ArrayList<Double>();
    var down = new ArrayList<Double>();
    long hash = 0;
    for (int i = 0; i < deaths; i++) {
      var time = new SimulatedTime();
      var tally = new Tally(time);
      var fleet = new Fleet(time, new NodeId("hub"), "127.0.0.1", tally::hear);
      var agent = new Agent(time, fleet, "worker", random, model.jitter());
      agent.join();
      agent.start();
      time.advance(Agent.seconds(BEFORE + random.nextDouble()));
      tally.begin();
      long died = time.nanos();
      death.accept(agent);
      time.advance(Agent.seconds(AFTER));
      suspect.add((tally.firstSuspectNanos - died) / 1e9);
      down.add((tally.firstDownNanos - died) / 1e9);
      hash = hash * 31 + tally.hash();
    }
    Collections.sort(suspect);
    Collections.sort(down);
    return new Delays(List.copyOf(suspect), List.copyOf(down), hash);
  }
}
