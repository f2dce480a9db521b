package dev.tutti.bench;

import dev.tutti.bench.Volley.Hit;
import dev.tutti.bench.Volley.Shot;
import java.io.IOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import tools.jackson.databind.json.JsonMapper;

/// A hub under more than it can do: whether what it does stays useful (goal 7), whether everybody
/// gets a share (goal 8), and whether what it says of the wait comes true (goal 9).
final class Pressure {
  private static final List<String> KEYS = List.of("key-a", "key-b", "key-c", "key-flood");
  private static final String FLOOD = KEYS.getLast();

  private static final double PEAK_SECONDS = 20;
  private static final double WARM_SECONDS = 8;
  private static final double CALM_SECONDS = 20;
  private static final double AFTER_SECONDS = 40;
  private static final double CALM_LOAD = 0.6;
  private static final double OVERLOAD = 10;
  private static final double FLOOD_LOAD = 100;
  private static final double RAMP_SECONDS = 10;
  private static final double BUCKET_SECONDS = 2;
  private static final double WAVE_SECONDS = 25;
  private static final double WAVE_HIGH = 1.5;
  private static final double WAVE_LOW = 0.5;
  private static final long PATIENT_MILLIS = 120_000;

  /// Waits below this say nothing about the error in percent.
  private static final long WORTH_MILLIS = 500;

  private final Volley volley;
  private final PressureWorld world;
  private final double seconds;
  private final long ttl;
  private final List<Map<String, Object>> figures = new ArrayList<>();
  private double peakTokens;
  private double peakRequests;

  private Pressure(Volley volley, PressureWorld world, double minutes, long ttl) {
    this.volley = volley;
    this.world = world;
    this.seconds = minutes * 60;
    this.ttl = ttl;
  }

  /// Whether every goal that was asked for is met.
  static boolean run(List<String> words) throws IOException {
    var options = new Options(words, Set.of("--goals", "--minutes", "--ttl-s", "--seed"));
    List<String> goals = options.list("--goals", "7,8,9");
    double minutes = options.number("--minutes", 10);
    long seed = (long) options.number("--seed", 1);
    try (var world = PressureWorld.start(KEYS);
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      var volley = new Volley(client, world.url(), PressureWorld.MODEL, seed);
      long ttl = Math.round(options.number("--ttl-s", 10) * 1e3);
      var bench = new Pressure(volley, world, minutes, ttl);
      System.out.println("| goal | figure | seen | wanted | |");
      System.out.println("|---|---|---|---|---|");
      bench.peak();
      for (String goal : goals) {
        switch (goal) {
          case "7" -> bench.overload();
          case "8" -> bench.fairness();
          case "9" -> bench.estimates();
          default -> throw new IllegalArgumentException("--goals: " + goal + " (expected: 7,8,9)");
        }
      }
      System.out.println();
      System.out.println(JsonMapper.shared().writeValueAsString(bench.figures));
      return bench.figures.stream().allMatch(each -> !Boolean.FALSE.equals(each.get("met")));
    }
  }

  /// What the fleet does when there is always somebody waiting.
  private void peak() {
    volley.besiege(PressureWorld.slots(), WARM_SECONDS, KEYS.getFirst(), PATIENT_MILLIS);
    List<Hit> hits =
        volley.besiege(3 * PressureWorld.slots(), PEAK_SECONDS, KEYS.getFirst(), PATIENT_MILLIS);
    List<Hit> good = ended(hits, RAMP_SECONDS / 2, PEAK_SECONDS);
    double span = PEAK_SECONDS - RAMP_SECONDS / 2;
    peakTokens = tokens(good) / span;
    peakRequests = good.size() / span;
    tell("-", "peak, tokens/s", peakTokens, "", true);
    tell("-", "peak, answers/s", peakRequests, "", true);
  }

  // ---- goal 7

  private void overload() {
    double begin = CALM_SECONDS;
    double end = begin + seconds;
    double rate = CALM_LOAD * peakRequests;
    var shots = new ArrayList<Shot>();
    String[] keys = KEYS.toArray(String[]::new);
    for (String key : keys) {
      shots.addAll(volley.shots(0, begin, rate / keys.length, key, ttl));
      shots.addAll(volley.shots(begin, end, OVERLOAD * peakRequests / keys.length, key, ttl));
      shots.addAll(volley.shots(end, end + AFTER_SECONDS, rate / keys.length, key, ttl));
    }
    var memory = new Memo(world);
    memory.start();
    List<Hit> hits = volley.fire(shots);
    memory.end();
    List<Hit> good = ended(hits, begin + RAMP_SECONDS, end);
    double share = tokens(good) / (end - begin - RAMP_SECONDS) / peakTokens;
    tell("7", "goodput at 10 x, share of peak (tokens)", share, ">= 0.9", share >= 0.9);
    tell("7", "answers/s at 10 x", good.size() / (end - begin - RAMP_SECONDS), "", true);
    List<Hit> during = due(hits, begin, end);
    double[] waits = waits(during.stream().filter(Hit::isGood).toList());
    double p99 = quantile(waits, 0.99);
    tell("7", "wait of those served, p50 s", quantile(waits, 0.5) / 1e3, "", true);
    tell("7", "wait of those served, p99 s", p99 / 1e3, "<= " + ttl / 1e3, p99 <= ttl);
    List<Hit> refused = during.stream().filter(hit -> hit.status() == 503).toList();
    tell("7", "refused", refused.size(), "", true);
    long late = refused.stream().filter(hit -> hit.millis() > 1_000).count();
    tell("7", "of these after more than 1 s, share", (double) late / refused.size(), "", true);
    double[] refusals = refused.stream().mapToDouble(Hit::millis).sorted().toArray();
    tell("7", "time to a refusal, p50 ms", quantile(refusals, 0.5), "", true);
    long broken = hits.stream().filter(hit -> !hit.isGood() && hit.status() != 503).count();
    tell("7", "neither answered nor refused", (double) broken, "0", broken == 0);
    double before = quantile(waits(due(hits, 0, begin)), 0.95);
    double recovery = recovery(hits, end, before);
    tell("7", "recovery, s", recovery, "<= 10", recovery <= 10);
    tell("7", "most memory, MiB", memory.mostKibi() / 1024.0, "no OOM", !world.ranOut());
  }

  /// When, after the overload, everybody who comes is served about as soon as before it.
  private static double recovery(List<Hit> hits, double end, double before) {
    double wait = Math.max(1_000, before);
    double recovered = 0;
    for (double at = 0; at + BUCKET_SECONDS <= AFTER_SECONDS; at += BUCKET_SECONDS) {
      List<Hit> bucket = due(hits, end + at, end + at + BUCKET_SECONDS);
      boolean fine = bucket.stream().allMatch(Hit::isGood) && quantile(waits(bucket), 0.5) <= wait;
      if (!fine) {
        recovered = at + BUCKET_SECONDS;
      }
    }
    return recovered;
  }

  // ---- goal 8

  private void fairness() {
    double fair = peakRequests / KEYS.size();
    var shots = new ArrayList<Shot>();
    for (String key : KEYS) {
      double rate = key.equals(FLOOD) ? FLOOD_LOAD * fair : fair;
      shots.addAll(volley.shots(0, seconds, rate, key, ttl));
    }
    List<Hit> hits = volley.fire(shots);
    double span = seconds - RAMP_SECONDS;
    for (String key : KEYS) {
      Predicate<Hit> own = hit -> hit.shot().key().equals(key);
      double offered =
          tokens(due(hits, RAMP_SECONDS, seconds).stream().filter(own).toList()) / span;
      double got = tokens(ended(hits, RAMP_SECONDS, seconds).stream().filter(own).toList()) / span;
      double due = Math.min(offered, peakTokens / KEYS.size());
      boolean flood = key.equals(FLOOD);
      tell(
          "8",
          key + ", share of what is due to it",
          got / due,
          flood ? "" : ">= 0.8",
          flood || got / due >= 0.8);
    }
  }

  // ---- goal 9

  private void estimates() {
    var shots = new ArrayList<Shot>();
    for (double at = 0; at < seconds; at += WAVE_SECONDS) {
      boolean high = Math.round(at / WAVE_SECONDS) % 2 == 0;
      double rate = (high ? WAVE_HIGH : WAVE_LOW) * peakRequests;
      double until = Math.min(seconds, at + WAVE_SECONDS);
      shots.addAll(volley.shots(at, until, rate, KEYS.getFirst(), PATIENT_MILLIS));
    }
    List<Hit> told =
        volley.fire(shots).stream()
            .filter(hit -> hit.isGood() && hit.p50Millis() >= 0 && hit.queueMillis() >= 0)
            .toList();
    double within = told.stream().filter(hit -> hit.queueMillis() <= hit.p90Millis()).count();
    double half = told.stream().filter(hit -> hit.queueMillis() <= hit.p50Millis()).count();
    tell("9", "waits that were foretold", told.size(), "", true);
    double covered = within / told.size();
    tell("9", "share within p90", covered, "0.85 to 0.95", covered >= 0.85 && covered <= 0.95);
    tell("9", "share within p50", half / told.size(), "", true);
    double error =
        told.stream()
            .filter(hit -> hit.queueMillis() >= WORTH_MILLIS)
            .mapToDouble(
                hit -> Math.abs(hit.queueMillis() - hit.p50Millis()) / (double) hit.queueMillis())
            .average()
            .orElse(Double.NaN);
    tell("9", "mean error of p50, share of the wait", error, "<= 0.3", error <= 0.3);
    tell("9", "wait, p50 s", quantile(waits(told), 0.5) / 1e3, "", true);
    tell("9", "wait, p90 s", quantile(waits(told), 0.9) / 1e3, "", true);
  }

  // ---- figures

  private static List<Hit> due(List<Hit> hits, double from, double to) {
    return hits.stream()
        .filter(hit -> hit.shot().dueNanos() >= from * 1e9 && hit.shot().dueNanos() < to * 1e9)
        .toList();
  }

  /// The whole answers that ended then.
  private static List<Hit> ended(List<Hit> hits, double from, double to) {
    return hits.stream()
        .filter(Hit::isGood)
        .filter(hit -> {
          double end = hit.shot().dueNanos() / 1e9 + hit.millis() / 1e3;
          return end >= from && end < to;
        })
        .toList();
  }

  private static double tokens(List<Hit> hits) {
    return hits.stream().mapToLong(hit -> hit.shot().answer()).sum();
  }

  private static double[] waits(List<Hit> hits) {
    return hits.stream()
        .filter(hit -> hit.queueMillis() >= 0)
        .mapToDouble(Hit::queueMillis)
        .sorted()
        .toArray();
  }

  private static double quantile(double[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[(int) Math.min(sorted.length - 1L, Math.round(share * (sorted.length - 1)))];
  }

  private void tell(String goal, String figure, double seen, String wanted, boolean met) {
    var row = new LinkedHashMap<String, Object>();
    row.put("goal", goal);
    row.put("figure", figure);
    row.put("seen", Math.round(seen * 1e4) / 1e4);
    row.put("wanted", wanted);
    row.put("met", met);
    figures.add(row);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %.3f | %s | %s |%n",
        goal,
        figure,
        seen,
        wanted,
        wanted.isEmpty() ? "" : met ? "met" : "**missed**");
  }

  /// Looks at the hub's memory once a second.
  private static final class Memo {
    private final PressureWorld world;
    private final Thread thread;
    private volatile long most;
    private volatile boolean over;

    Memo(PressureWorld world) {
      this.world = world;
      this.thread = Thread.ofPlatform().daemon().unstarted(this::look);
    }

    void start() {
      thread.start();
    }

    void end() {
      over = true;
      thread.interrupt();
    }

    long mostKibi() {
      return most;
    }

    private void look() {
      while (!over) {
        most = Math.max(most, world.residentKibi());
        LockSupport.parkNanos(1_000_000_000L);
      }
    }
  }
}
