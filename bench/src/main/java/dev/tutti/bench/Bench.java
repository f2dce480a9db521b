package dev.tutti.bench;

import dev.tutti.bench.fuzz.Fuzz;
import java.util.List;

/// Chooses a benchmark by name.
public final class Bench {
  private Bench() {}

  /// `startup [runs]`, `memory [runs]`, `fuzz [seconds] [target…]`, `routing [options]`.
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    String name = words.isEmpty() ? "" : words.getFirst();
    if (name.equals("routing")) {
      Routing.run(words.subList(1, words.size()));
      return;
    }
    if (name.equals("replay")) {
      System.exit(Replay.run(words.subList(1, words.size())) ? 0 : 1);
    }
    int runs = words.size() > 1 ? Integer.parseInt(words.get(1)) : 0;
    switch (name) {
      case "fuzz" -> {
        int seconds = runs == 0 ? 600 : runs;
        System.exit(
            Fuzz.run(seconds, words.subList(Math.min(2, words.size()), words.size())) ? 0 : 1);
      }
      case "startup" -> Startup.run(runs == 0 ? 10 : runs);
      case "memory" -> Memory.run(runs == 0 ? 3 : runs);
      default -> {
        System.err.println(
            """
            usage: tutti bench NAME [RUNS]
              startup   from `tutti up` to the first served request, and `tutti version`
              fuzz      [SECONDS] [TARGET…]: fuzzes the codecs, each for so long, 600 s unless told
              memory    VmRSS of a hub and of an agent 30 s after they are ready
              routing   --traces DIR [--loads 0.7,0.95] [--fleets A,B] [--strategies A,B] [--model M]
                        [--seed N] [--limit N]: all fleets, traces and strategies, simulated
              replay    [--minutes 20] [--load 0.7] [--strategy S] [--seed N]: the same arrivals on a
                        hub with six paced engines and in the simulator\
            """);
        System.exit(2);
      }
    }
  }
}
