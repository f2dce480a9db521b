package dev.tutti.bench.liveness;

import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import dev.tutti.fleet.Fleet;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Days of one living machine behind a way that stalls: each verdict against it is false.
///
/// Between stalls nothing can happen that has not happened before, so only the time around each is
/// played: enough heartbeats before it to fill what the registry remembers, and enough after it for
/// the last consequence.
final class NodeDays {
  private static final double DAY = 86_400;

  /// Heartbeats before the first stall, in seconds.
  private static final double BEFORE = 34;

  /// After the last stall, in seconds.
  private static final double AFTER = 12;

  /// Stalls that are so close, in seconds, are played together.
  private static final double CLOSE = 30;

  /// Stalls that are shorter than this altogether, in seconds, cannot make anybody suspect, for
  /// whom silence begins to count after more than 2.5.
  private static final double HARMLESS = 1;

  /// @param hash of all that was told
  record Verdicts(int days, long suspects, long downs, long hash) {
    double perDay(long count) {
      return (double) count / days;
    }
  }

  private record Stall(double at, double length, boolean shared) {}

  private final Stalls model;
  private final RandomGenerator random;
  private long suspects;
  private long downs;
  private long hash;

  private NodeDays(Stalls model, RandomGenerator random) {
    this.model = model;
    this.random = random;
  }

  static Verdicts run(Stalls model, int days, RandomGenerator random) {
    var run = new NodeDays(model, random);
    for (int day = 0; day < days; day++) {
      run.day();
    }
    return new Verdicts(days, run.suspects, run.downs, run.hash);
  }

  private void day() {
    var together = new ArrayList<Stall>();
    double end = 0;
    for (double at = model.gap(random); at < DAY; at += model.gap(random)) {
      if (!together.isEmpty() && at > end + CLOSE) {
        play(together);
        together.clear();
      }
      var stall = new Stall(at, model.length(random), random.nextDouble() < model.shared());
      together.add(stall);
      end = Math.max(end, at + stall.length());
    }
    if (!together.isEmpty()) {
      play(together);
    }
  }

  private void play(List<Stall> stalls) {
    if (stalls.stream().mapToDouble(Stall::length).sum() < HARMLESS) {
      return;
    }
    var time = new SimulatedTime();
    var tally = new Tally(time);
    var fleet = new Fleet(time, new NodeId("hub"), "127.0.0.1", tally::hear);
    var agent = new Agent(time, fleet, "worker", random, model.jitter());
    agent.join();
    agent.start();
    double first = stalls.getFirst().at();
    double last = BEFORE;
    for (Stall stall : stalls) {
      double at = BEFORE + stall.at() - first;
      last = Math.max(last, at + stall.length());
      time.after(
          Agent.seconds(at + random.nextDouble()),
          () -> {
            agent.stallPulse(stall.length());
            if (stall.shared()) {
              agent.stallTunnel(stall.length());
            }
          });
    }
    for (double at = model.gap(random); at < last; at += model.gap(random)) {
      time.after(Agent.seconds(at), () -> agent.stallTunnel(model.length(random)));
    }
    time.advance(Agent.seconds(last + AFTER));
    suspects += tally.suspects;
    downs += tally.downs;
    hash = hash * 31 + tally.hash();
  }
}
