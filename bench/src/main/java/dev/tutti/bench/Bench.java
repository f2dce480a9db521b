package dev.tutti.bench;

import dev.tutti.bench.fuzz.Fuzz;
import dev.tutti.bench.liveness.LivenessBench;
import java.util.List;

/// Chooses a benchmark by name.
public final class Bench {
  private Bench() {}

  /// `startup [runs]`, `memory [runs]`, `fuzz [seconds] [target…]`, `liveness [--seed N] [--days
  /// N]`.
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    String name = words.isEmpty() ? "" : words.getFirst();
    if (name.equals("liveness")) {
      System.exit(LivenessBench.run(words) ? 0 : 1);
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
              liveness  [--seed N] [--days N]: false and true verdicts about nodes, on simulated time
              memory    VmRSS of a hub and of an agent 30 s after they are ready\
            """);
        System.exit(2);
      }
    }
  }
}
