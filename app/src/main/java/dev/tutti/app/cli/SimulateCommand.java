package dev.tutti.app.cli;

import dev.tutti.core.ModelName;
import dev.tutti.simulate.Chart;
import dev.tutti.simulate.Comparison;
import dev.tutti.simulate.Contender;
import dev.tutti.simulate.FleetFile;
import dev.tutti.simulate.FleetSpec;
import dev.tutti.simulate.InputException;
import dev.tutti.simulate.ModelMix;
import dev.tutti.simulate.NodeSpec;
import dev.tutti.simulate.Result;
import dev.tutti.simulate.Results;
import dev.tutti.simulate.Simulation;
import dev.tutti.simulate.Trace;
import dev.tutti.simulate.Workload;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tutti route simulate`: what a fleet would do with a trace. Needs no hub.
@Command(
    name = "simulate",
    description = {
      "Replay a trace of requests on a modelled fleet, with one strategy after the other.",
      "Runs Tutti's own dispatcher on simulated time; asks no hub and no engine."
    })
final class SimulateCommand implements Callable<Integer> {
  /// The largest fleet file that is read, in bytes.
  private static final long MAX_FILE_BYTES = 1024 * 1024;

  private static final String TRACE_TIMES = "trace";

  private final Session session;

  @Option(
      names = "--trace",
      required = true,
      paramLabel = "FILE",
      description = "Requests: Mooncake's JSON lines, or Azure's CSV.")
  private Path trace = Path.of("");

  @Option(
      names = "--fleet",
      required = true,
      paramLabel = "FILE",
      description = "Machines and models; or the name of a fleet that comes with Tutti.")
  private String fleet = "";

  @Option(
      names = "--strategies",
      split = ",",
      paramLabel = "NAME[,NAME]…",
      description = "Which to compare. Default: all.")
  private List<String> strategies = List.of();

  @Option(
      names = "--load",
      defaultValue = "0.7",
      paramLabel = "SHARE",
      description = {
        "Stretch the trace's time so that it is this share of what the fleet can do;",
        "'trace' keeps its own times. Default: ${DEFAULT-VALUE}."
      })
  private String load = "";

  @Option(
      names = "--model",
      defaultValue = "llama3.1:8b",
      paramLabel = "MODEL",
      description = "The model that all ask for. Default: ${DEFAULT-VALUE}.")
  private String model = "";

  @Option(
      names = "--mix",
      defaultValue = "",
      paramLabel = "MODEL:SHARE[,…]",
      description = "The models that they ask for, instead of one.")
  private String mix = "";

  @Option(
      names = "--limit",
      defaultValue = "0",
      paramLabel = "N",
      description = "Only the first N requests.")
  private int limit;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Decides all that is left to chance. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--add",
      defaultValue = "",
      paramLabel = "NODE",
      description = {
        "What would one more machine give? A kind of machine that Tutti knows (m4-mini, rtx-4090,",
        "…), or a file. The same requests come at the same times, with it and without."
      })
  private String add = "";

  @Option(
      names = "--svg",
      defaultValue = "",
      paramLabel = "FILE",
      description = "Write the chart there as well.")
  private String svg = "";

  SimulateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try {
      var contenders =
          strategies.isEmpty()
              ? Contender.all()
              : strategies.stream().map(String::strip).map(Contender::of).toList();
      FleetSpec machines = fleet();
      Workload workload = workload(machines);
      var results = results(machines, workload, contenders);
      if (add.isEmpty()) {
        tell(results);
      } else {
        NodeSpec more = added(machines);
        tell(new Comparison(more, results, results(machines.with(more), workload, contenders)));
      }
      return Exit.OK.code();
    } catch (InputException wrong) {
      throw new CliException(Exit.USAGE, String.valueOf(wrong.getMessage()), wrong);
    }
  }

  private List<Result> results(FleetSpec machines, Workload workload, List<Contender> contenders) {
    // Each run is a world of its own, so as many as there are processors go on at a time.
    return contenders.parallelStream()
        .map(contender -> Simulation.run(machines, workload, contender, seed))
        .toList();
  }

  private Workload workload(FleetSpec machines) {
    Trace whole = trace();
    Trace part = limit > 0 ? whole.first(limit) : whole;
    ModelMix models = mix.isEmpty() ? ModelMix.only(new ModelName(model)) : ModelMix.parse(mix);
    Workload workload = Workload.of(part, models, seed);
    return load.equals(TRACE_TIMES) ? workload : workload.atLoad(share(), machines);
  }

  private double share() {
    try {
      double share = Double.parseDouble(load);
      if (share > 0 && share <= 100) {
        return share;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw new InputException("--load: " + load + " (expected: a number > 0, or trace)");
  }

  private Trace trace() {
    try (var reader = Files.newBufferedReader(trace)) {
      return Trace.read(trace.toString(), reader);
    } catch (MalformedInputException e) {
      throw new InputException(trace + ": not UTF-8 (expected: a trace)", e);
    } catch (IOException e) {
      throw new InputException(trace + " (expected: a readable file)", e);
    }
  }

  private FleetSpec fleet() {
    return FleetFile.FLEETS.contains(fleet)
        ? FleetFile.shipped(fleet)
        : FleetFile.parse(fleet, text(fleet, FleetFile.FLEETS));
  }

  private NodeSpec added(FleetSpec machines) {
    return FleetFile.HARDWARE.contains(add)
        ? FleetFile.shippedNode(add, machines)
        : FleetFile.parseNode(add, text(add, FleetFile.HARDWARE), machines);
  }

  private static String text(String file, List<String> ours) {
    try {
      Path path = Path.of(file);
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw new InputException(file + ": too large (expected: <= " + MAX_FILE_BYTES + " bytes)");
      }
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new InputException(file + " (expected: a readable file, or one of " + ours + ")", e);
    }
  }

  private void tell(List<Result> results) {
    var chart = Chart.ofCompletion("95 of 100 answers are complete after", results);
    save(chart);
    var out = session.output();
    if (out.isJson()) {
      out.document(Results.document(results));
      return;
    }
    out.table(table(results));
    out.gap();
    chart.lines().forEach(out::line);
  }

  private void tell(Comparison comparison) {
    save(comparison.chart());
    var out = session.output();
    if (out.isJson()) {
      out.document(comparison.document());
      return;
    }
    var table =
        Table.of(
            "STRATEGY", "NODES", ">WAIT p50", ">p95", ">DONE p50", ">p95", ">TOKENS/S", ">WATTS");
    for (int i = 0; i < comparison.with().size(); i++) {
      row(table, comparison.without().get(i), "");
      row(table, comparison.with().get(i), "+ " + comparison.node().id());
    }
    out.table(table);
    out.gap();
    comparison.chart().lines().forEach(out::line);
  }

  private static void row(Table table, Result one, String nodes) {
    table.row(
        one.strategy(),
        nodes,
        seconds(one.waitMillis().p50()),
        seconds(one.waitMillis().p95()),
        seconds(one.completionMillis().p50()),
        seconds(one.completionMillis().p95()),
        String.format(Locale.ROOT, "%.1f", one.tokensPerSecond()),
        String.format(Locale.ROOT, "%.0f", one.watts()));
  }

  private void save(Chart chart) {
    if (!svg.isEmpty()) {
      try {
        Files.writeString(Path.of(svg), chart.svg());
      } catch (IOException e) {
        throw new CliException(Exit.FAILED, svg + ": cannot be written", e);
      }
    }
  }

  private static Table table(List<Result> results) {
    var table =
        Table.of(
            "STRATEGY",
            ">FIRST p50",
            ">p95",
            ">DONE p50",
            ">p95",
            ">p99",
            ">MEAN",
            ">TOKENS/S",
            ">CACHE HIT",
            ">LOADS",
            ">FAILED");
    for (Result one : results) {
      table.row(
          one.strategy(),
          seconds(one.ttftMillis().p50()),
          seconds(one.ttftMillis().p95()),
          seconds(one.completionMillis().p50()),
          seconds(one.completionMillis().p95()),
          seconds(one.completionMillis().p99()),
          seconds(one.completionMillis().mean()),
          String.format(Locale.ROOT, "%.1f", one.tokensPerSecond()),
          String.format(Locale.ROOT, "%.1f %%", 100 * one.cacheHit()),
          String.valueOf(one.loads()),
          one.failed() == 0 ? "" : String.valueOf(one.failed()));
    }
    return table;
  }

  /// Milliseconds as seconds.
  private static String seconds(double millis) {
    return Double.isFinite(millis) ? String.format(Locale.ROOT, "%.1f s", millis / 1e3) : "inf";
  }
}
