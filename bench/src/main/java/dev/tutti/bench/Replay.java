package dev.tutti.bench;

import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Prompt;
import dev.tutti.simulate.Contender;
import dev.tutti.simulate.FleetFile;
import dev.tutti.simulate.FleetSpec;
import dev.tutti.simulate.ModelMix;
import dev.tutti.simulate.Request;
import dev.tutti.simulate.Result;
import dev.tutti.simulate.Simulation;
import dev.tutti.simulate.Trace;
import dev.tutti.simulate.Workload;
import dev.tutti.testkit.PacedProcess;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/// The simulator against the world: the same arrivals on a real hub with paced engines of unlike
/// speed, over HTTP, and in the simulator with a fleet of the same speeds.
final class Replay {
  private static final String MODEL = "sim/replay";
  private static final List<Machine> MACHINES =
      List.of(
          new Machine("a", 2_000, 60, 2),
          new Machine("b", 1_000, 45, 2),
          new Machine("c", 600, 30, 2),
          new Machine("d", 400, 20, 1),
          new Machine("e", 250, 12, 1),
          new Machine("f", 120, 8, 1));

  private static final int SAMPLE = 2_000;
  private static final double MEDIAN_PROMPT = 250;
  private static final double MEDIAN_ANSWER = 60;
  private static final int MOST_PROMPT = 4_000;
  private static final int MOST_ANSWER = 500;

  /// As far as the simulator may be from the truth.
  private static final double TOLERANCE = 0.2;

  private Replay() {}

  /// A paced engine.
  record Machine(String name, int prefill, int decode, int slots) {}

  /// Whether p50 and mean of completion agree.
  static boolean run(List<String> words) throws IOException, InterruptedException {
    var options = new Options(words, Set.of("--minutes", "--load", "--strategy", "--seed"));
    long seed = (long) options.number("--seed", 1);
    Contender contender = Contender.of(options.text("--strategy", best()));
    FleetSpec fleet = FleetFile.parse("replay", fleetText());
    Workload workload =
        workload(fleet, options.number("--load", 0.7), options.number("--minutes", 20), seed);
    Result expected = Simulation.run(fleet, workload, contender, seed);
    System.out.printf(
        Locale.ROOT,
        "%d requests on %d engines, strategy %s%n",
        workload.requests().size(),
        MACHINES.size(),
        contender.name());
    Clients.Seen seen = world(workload, contender.name());
    System.out.printf(Locale.ROOT, "failed: %d%n%n", seen.failed());
    System.out.println("| completion | real s | simulated s | real ÷ simulated |");
    System.out.println("|---|---|---|---|");
    boolean p50 = row("p50", seen.p50Millis(), expected.completionMillis().p50());
    row("p95", seen.p95Millis(), expected.completionMillis().p95());
    boolean mean = row("mean", seen.meanMillis(), expected.completionMillis().mean());
    return p50 && mean && seen.failed() == 0;
  }

  private static String best() {
    var names = Contender.all().stream().map(Contender::name).toList();
    return names.contains("predictive") ? "predictive" : "least-busy";
  }

  private static boolean row(String what, double real, double simulated) {
    double ratio = real / simulated;
    System.out.printf(
        Locale.ROOT, "| %s | %.2f | %.2f | %.3f |%n", what, real / 1e3, simulated / 1e3, ratio);
    return Math.abs(ratio - 1) <= TOLERANCE;
  }

  private static Clients.Seen world(Workload workload, String strategy)
      throws IOException, InterruptedException {
    var engines = new ArrayList<PacedProcess>();
    try {
      var words = new ArrayList<>(List.of("--no-discover", "--strategy", strategy));
      for (Machine machine : MACHINES) {
        var engine = start(machine, MODEL);
        engines.add(engine);
        words.add("--backend");
        words.add(engine.url() + ",slots=" + machine.slots() + ",name=" + machine.name());
      }
      var place = TuttiProcess.Place.fresh();
      try (var hub = TuttiProcess.hub(place, words.toArray(String[]::new))) {
        return Clients.replay(hub.url(), MODEL, workload.requests());
      }
    } finally {
      engines.forEach(PacedProcess::close);
    }
  }

  /// A paced engine with that model, as a process.
  static PacedProcess start(Machine machine, String model) {
    return PacedProcess.start(
        List.of(),
        "--name",
        machine.name(),
        "--models",
        model,
        "--prefill",
        String.valueOf(machine.prefill()),
        "--decode",
        String.valueOf(machine.decode()),
        "--slots",
        String.valueOf(machine.slots()),
        "--load",
        "0",
        "--answer",
        "endless");
  }

  private static String fleetText() {
    var text = new StringBuilder("models: {" + MODEL + ": {size_gb: 0.001}}\nnodes:\n");
    for (Machine machine : MACHINES) {
      text.append(
          String.format(
              Locale.ROOT,
              "  - {name: %s, ram_gb: 8, slots: %d, cache_tokens: 0,"
                  + " sharing: {independent: true}, loading: {gb_per_s: 1000000, start_s: 0},"
                  + " rates: {%s: {prefill: %d, decode: %d}}}%n",
              machine.name(),
              machine.slots(),
              MODEL,
              machine.prefill(),
              machine.decode()));
    }
    return text.toString();
  }

  /// As many requests at random times as fill the minutes at that load.
  private static Workload workload(FleetSpec fleet, double load, double minutes, long seed) {
    var model = ModelMix.only(new ModelName(MODEL));
    List<Request> sample =
        Workload.of(trace(SAMPLE, seed), model, seed).atLoad(load, fleet).requests();
    double seconds = sample.getLast().arrivalNanos() / 1e9;
    int wanted = (int) Math.max(2, Math.round(SAMPLE * minutes * 60 / seconds));
    return Workload.of(trace(wanted, seed), model, seed).atLoad(load, fleet);
  }

  private static Trace trace(int length, long seed) {
    var random = new SplittableRandom(seed);
    var entries = new ArrayList<Trace.Entry>();
    double seconds = 0;
    for (int i = 0; i < length; i++) {
      int prompt = Math.clamp(Math.round(MEDIAN_PROMPT * spread(random)), 8, MOST_PROMPT);
      int answer = Math.clamp(Math.round(MEDIAN_ANSWER * spread(random)), 2, MOST_ANSWER);
      entries.add(new Trace.Entry(Math.round(seconds * 1e9), Prompt.of(prompt), answer, ""));
      seconds -= Math.log(1 - random.nextDouble());
    }
    return new Trace(entries);
  }

  /// Log-normal, as lengths are.
  private static double spread(SplittableRandom random) {
    return Math.exp(0.8 * random.nextGaussian());
  }
}
