package dev.tutti.bench;

import dev.tutti.core.ModelName;
import dev.tutti.simulate.Contender;
import dev.tutti.simulate.FleetFile;
import dev.tutti.simulate.FleetSpec;
import dev.tutti.simulate.ModelMix;
import dev.tutti.simulate.Result;
import dev.tutti.simulate.Simulation;
import dev.tutti.simulate.Trace;
import dev.tutti.simulate.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// Every fleet of ours × every trace of a folder × every strategy, as a Markdown table. Each row
/// ends with how many times longer (p95 of completion, p95 of the first token, mean of completion)
/// the strategy takes than ours.
final class Routing {
  /// The strategy that the others are held against.
  private static final String OURS = "predictive";

  private Routing() {}

  static void run(List<String> words) throws IOException {
    var options =
        new Options(
            words,
            Set.of(
                "--traces", "--loads", "--fleets", "--strategies", "--model", "--seed", "--limit"));
    var model = ModelMix.only(new ModelName(options.text("--model", "llama3.1:8b")));
    long seed = (long) options.number("--seed", 1);
    int limit = (int) options.number("--limit", Trace.MAX_ENTRIES);
    List<Contender> contenders =
        options.text("--strategies", "").isEmpty()
            ? Contender.all()
            : options.list("--strategies", "").stream().map(Contender::of).toList();
    for (String load : options.list("--loads", "0.7,0.95")) {
      for (Path file : traces(Path.of(options.text("--traces", ".")))) {
        Trace trace = read(file).first(limit);
        head(file, trace, load);
        for (String name : options.list("--fleets", String.join(",", FleetFile.FLEETS))) {
          FleetSpec fleet = FleetFile.shipped(name);
          Workload workload =
              Workload.of(trace, model, seed).atLoad(Double.parseDouble(load), fleet);
          // Each run is a world of its own.
          var results =
              contenders.parallelStream()
                  .map(contender -> Simulation.run(fleet, workload, contender, seed))
                  .toList();
          results.forEach(result -> row(name, result, ours(results)));
        }
        System.out.println();
      }
    }
  }

  private static Result ours(List<Result> results) {
    return results.stream()
        .filter(result -> result.strategy().equals(OURS))
        .findFirst()
        .orElse(results.getFirst());
  }

  private static List<Path> traces(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".jsonl") || file.toString().endsWith(".csv"))
          .sorted()
          .toList();
    }
  }

  private static Trace read(Path file) throws IOException {
    try (var reader = Files.newBufferedReader(file)) {
      return Trace.read(file.getFileName().toString(), reader);
    }
  }

  private static void head(Path file, Trace trace, String load) {
    System.out.printf(
        Locale.ROOT,
        "### %s, %d requests, load %s%n%n",
        file.getFileName(),
        trace.entries().size(),
        load);
    System.out.println(
        "| fleet | strategy | first token p50 s | p95 s | done p50 s | p95 s | mean s | tokens/s"
            + " | cache hit | × done p95 | × first p95 | × mean |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
  }

  private static void row(String fleet, Result one, Result ours) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.3f | %.2f | %.2f | %.2f |%n",
        fleet,
        one.strategy(),
        one.ttftMillis().p50() / 1e3,
        one.ttftMillis().p95() / 1e3,
        one.completionMillis().p50() / 1e3,
        one.completionMillis().p95() / 1e3,
        one.completionMillis().mean() / 1e3,
        one.tokensPerSecond(),
        one.cacheHit(),
        one.completionMillis().p95() / ours.completionMillis().p95(),
        one.ttftMillis().p95() / ours.ttftMillis().p95(),
        one.completionMillis().mean() / ours.completionMillis().mean());
  }
}
