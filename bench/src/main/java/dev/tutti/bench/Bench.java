package dev.tutti.bench;

import dev.tutti.bench.chaos.ChaosBench;
import dev.tutti.bench.decide.Decide;
import dev.tutti.bench.durable.Durable;
import dev.tutti.bench.fuzz.Fuzz;
import dev.tutti.bench.heartbeats.Heartbeats;
import dev.tutti.bench.liveness.LivenessBench;
import java.net.URI;
import java.util.List;

/// Chooses a benchmark by name.
public final class Bench {
  private static final int USAGE = 2;

  private Bench() {}

  /// The benchmark's name, then what it wants to know; see the usage below.
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    String name = words.isEmpty() ? "" : words.getFirst();
    List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
    switch (name) {
      case "startup" -> Startup.run(number(rest, 10));
      case "memory" -> Memory.run(number(rest, 3));
      case "fuzz" -> end(Fuzz.run(number(rest, 600), rest.stream().skip(1).toList()));
      case "flood" -> end(Flood.run(number(rest, 10)));
      // Not for people: what `flood` starts beside itself.
      case "crowd" -> end(Crowd.run(URI.create(rest.getFirst()), Integer.parseInt(rest.get(1))));
      case "routing" -> Routing.run(rest);
      case "pressure" -> end(Pressure.run(rest));
      case "decide" -> Decide.run();
      case "replay" -> end(Replay.run(rest));
      case "durable" -> end(Durable.run(rest));
      case "liveness" -> end(LivenessBench.run(words));
      case "heartbeats" -> end(Heartbeats.run(rest));
      case "chaos" -> end(ChaosBench.run(rest));
      case "resume" -> end(Resume.run(kills(rest)));
      default -> {
        System.err.println(
            """
            usage: tutti bench NAME [RUNS]
              startup   from `tutti up` to the first served request, and `tutti version`
              memory    VmRSS of a hub and of an agent 30 s after they are ready
              fuzz      [SECONDS] [TARGET…]: fuzzes the codecs, each for so long, 600 s unless told
              flood     [SECONDS]: 5,000 slow connections and ten oversized requests for each honest one
              routing   --traces DIR [--loads 0.7,0.95] [--fleets A,B] [--strategies A,B] [--model M]
                        [--seed N] [--limit N]: all fleets, traces and strategies, simulated
              decide    what it costs to give a task its place, among 10 and among 1,000 engines
              replay    [--minutes 20] [--load 0.7] [--strategy S] [--seed N]: the same arrivals on a
                        hub with six paced engines and in the simulator
              pressure  [--goals 7,8,9] [--minutes 10] [--ttl-s 10] [--seed N]: ten times more than a
                        real hub with four paced engines can do; one asker at a hundred times its
                        share; and whether what is said of the wait comes true
              durable   [--kills N] [--simulated N] [--seed N]: whether longer work survives deaths
              liveness  [--seed N] [--days N]: false and true verdicts about nodes, on simulated time
              heartbeats [--nodes 1000] [--seconds 60]: processor time of a hub with so many idle nodes
              chaos     [--goals avoid,death,storm,poison] [--faults 200] [--kills 30] [--minutes 3]
                        [--ill 20,40] [--poisons 5] [--seed N]: hurts a mesh of real processes, on machines with
                        cables of their own where it may (root on Linux)
              resume    [--kills N]: kills real engines in the midst of their answers, 100 times
                        unless told, and compares what clients have with the undisturbed answers\
            """);
        System.exit(USAGE);
      }
    }
  }

  private static void end(boolean good) {
    System.exit(good ? 0 : 1);
  }

  private static int number(List<String> rest, int usual) {
    return rest.isEmpty() ? usual : Integer.parseInt(rest.getFirst());
  }

  private static int kills(List<String> rest) {
    return rest.size() == 2 && rest.getFirst().equals("--kills")
        ? Integer.parseInt(rest.get(1))
        : 100;
  }
}
