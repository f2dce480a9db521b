package dev.tutti.bench;

import dev.tutti.bench.durable.Durable;
import dev.tutti.bench.fuzz.Fuzz;
import java.util.List;

/// Chooses a benchmark by name.
public final class Bench {
  private Bench() {}

  /// `durable [--kills n] [--simulated n] [--seed n]`, `startup [runs]`, `memory [runs]`, `fuzz
  /// [seconds] [target…]`.
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    String name = words.isEmpty() ? "" : words.getFirst();
    int runs =
        words.size() > 1 && words.get(1).matches("\\d+") ? Integer.parseInt(words.get(1)) : 0;
    switch (name) {
      case "fuzz" -> {
        int seconds = runs == 0 ? 600 : runs;
        System.exit(
            Fuzz.run(seconds, words.subList(Math.min(2, words.size()), words.size())) ? 0 : 1);
      }
      case "durable" -> System.exit(Durable.run(words.subList(1, words.size())) ? 0 : 1);
      case "startup" -> Startup.run(runs == 0 ? 10 : runs);
      case "memory" -> Memory.run(runs == 0 ? 3 : runs);
      default -> {
        System.err.println(
            """
            usage: tutti bench NAME [RUNS]
              startup   from `tutti up` to the first served request, and `tutti version`
              durable   [--kills N] [--simulated N] [--seed N]: whether longer work survives deaths
              fuzz      [SECONDS] [TARGET…]: fuzzes the codecs, each for so long, 600 s unless told
              memory    VmRSS of a hub and of an agent 30 s after they are ready\
            """);
        System.exit(2);
      }
    }
  }
}
