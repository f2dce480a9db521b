package dev.tutti.bench;

import dev.tutti.bench.fuzz.Fuzz;
import java.util.List;

/// Chooses a benchmark by name.
public final class Bench {
  private Bench() {}

  /// `startup [runs]`, `memory [runs]`, `fuzz [seconds] [target…]`, `resume [--kills n]`.
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    String name = words.isEmpty() ? "" : words.getFirst();
    if (name.equals("resume")) {
      System.exit(Resume.run(kills(words)) ? 0 : 1);
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
              resume    [--kills N]: kills real engines in the midst of their answers, 100 times
                        unless told, and compares what clients have with the undisturbed answers
              memory    VmRSS of a hub and of an agent 30 s after they are ready\
            """);
        System.exit(2);
      }
    }
  }

  private static int kills(List<String> words) {
    return words.size() == 3 && words.get(1).equals("--kills")
        ? Integer.parseInt(words.get(2))
        : 100;
  }
}
