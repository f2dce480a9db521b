package dev.tutti.bench;

import java.util.List;

/// Chooses a benchmark by name.
public final class Bench {
  private Bench() {}

  /// `startup [runs]` or `memory [runs]`.
  public static void main(String[] args) throws Exception {
    List<String> words = List.of(args);
    String name = words.isEmpty() ? "" : words.getFirst();
    int runs = words.size() > 1 ? Integer.parseInt(words.get(1)) : 0;
    switch (name) {
      case "startup" -> Startup.run(runs == 0 ? 10 : runs);
      case "memory" -> Memory.run(runs == 0 ? 3 : runs);
      default -> {
        System.err.println(
            """
            usage: tutti bench NAME [RUNS]
              startup   from `tutti up` to the first served request, and `tutti version`
              memory    VmRSS of a hub and of an agent 30 s after they are ready\
            """);
        System.exit(2);
      }
    }
  }
}
