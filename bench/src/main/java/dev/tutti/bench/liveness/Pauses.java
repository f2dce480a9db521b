package dev.tutti.bench.liveness;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.LivenessLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/// The observer itself is stopped for a while, as by SIGSTOP or a laptop's lid, while everybody
/// else is well: each verdict against anybody is false.
final class Pauses {
  private static final int AGENTS = 4;
  private static final int ENGINES = 4;
  private static final Duration BEFORE = Duration.ofSeconds(40);
  private static final Duration AFTER = Duration.ofMinutes(2);
  private static final Duration ASK_EVERY = Duration.ofSeconds(1);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
  private static final double TRIP = 0.005;

  /// The longest time an agent needs to come back whose connection the hub closed, in seconds.
  private static final double RECONNECT = 0.8;

  private Pauses() {}

  static NodeDays.Verdicts run(int pauses, Duration length, RandomGenerator random) {
    long suspects = 0;
    long downs = 0;
    long hash = 0;
    for (int i = 0; i < pauses; i++) {
      var time = new SimulatedTime();
      var loop = new PausableTime(time);
      var tally = new Tally(time);
      var fleet = new Fleet(loop, new NodeId("hub"), "127.0.0.1", tally::hear);
      fleet.watchOwnLoop();
      var agents = new ArrayList<Agent>();
      for (int n = 0; n < AGENTS; n++) {
        var agent = new Agent(loop, fleet, "worker-" + n, random, TRIP);
        agents.add(agent);
        loop.after(Agent.seconds(random.nextDouble()), agent::join);
        loop.after(Agent.seconds(1), agent::start);
      }
      for (int n = 0; n < ENGINES; n++) {
        engine(loop, fleet, "box-" + n, random);
      }
      time.advance(BEFORE.plus(Agent.seconds(random.nextDouble())));
      tally.begin();
      loop.pause(length);
      // Of an agent that was silent for so long the link may have closed the connection.
      agents.stream()
          .filter(_ -> random.nextBoolean())
          .forEach(
              agent -> loop.after(length, () -> agent.reconnect(random.nextDouble() * RECONNECT)));
      time.advance(length.plus(AFTER));
      suspects += tally.suspects;
      downs += tally.downs;
      hash = hash * 31 + tally.hash();
    }
    return new NodeDays.Verdicts(pauses, suspects, downs, hash);
  }

  /// An engine that the hub asks each second, as a watcher does.
  private static void engine(Time loop, Fleet fleet, String name, RandomGenerator random) {
    var id = new BackendId(name + "/ollama");
    fleet.addDirect(id, new NodeId(name), name, "http://" + name, OptionalInt.of(1));
    loop.after(Agent.seconds(random.nextDouble()), () -> ask(loop, fleet, id));
  }

  private static void ask(Time loop, Fleet fleet, BackendId id) {
    boolean[] over = new boolean[1];
    Time.Timer quiet = loop.after(LivenessLimits.QUIET.minus(ASK_EVERY), () -> fleet.quiet(id));
    Time.Timer deadline =
        loop.after(
            ANSWER_WITHIN,
            () -> {
              over[0] = true;
              fleet.probeFailed(
                  id,
                  Failure.of(FailureCode.ENGINE_STALLED, Retry.UNSAFE_MAY_HAVE_ACTED, "silent"));
              loop.after(ASK_EVERY, () -> ask(loop, fleet, id));
            });
    loop.after(
        Agent.seconds(TRIP),
        () -> {
          if (!over[0]) {
            quiet.cancel();
            deadline.cancel();
            fleet.probed(id, BackendFacts.NONE);
            loop.after(ASK_EVERY, () -> ask(loop, fleet, id));
          }
        });
  }
}
