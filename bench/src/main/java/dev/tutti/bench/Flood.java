package dev.tutti.bench;

import dev.tutti.testkit.TuttiProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/// Whether honest clients notice a crowd that holds connections open with half a request each, and
/// a flood of requests that are too large: their p99 must stay within twice what it is without, and
/// the hub's memory under its bound. Runs with and without the crowd take turns.
final class Flood {
  private static final int ROUNDS = 3;

  /// Honest clients, and how often each asks.
  private static final int HONEST = 8;

  private static final Duration BETWEEN = Duration.ofMillis(40);

  /// Oversized requests for each honest one.
  private static final int TIMES = 10;

  private static final double MOST_TIMES = 2.0;

  /// A hub's heap and what lies beside it, in KiB.
  private static final long MOST_KIBI = 1_024 * 1_024;

  private final URI hub;

  private Flood(URI hub) {
    this.hub = hub;
  }

  /// What one run showed, in milliseconds.
  private record Seen(int answers, double half, double p99) {
    static Seen of(List<Double> took) {
      List<Double> sorted = took.stream().sorted().toList();
      return new Seen(sorted.size(), at(sorted, 0.5), at(sorted, 0.99));
    }

    private static double at(List<Double> sorted, double share) {
      return sorted.get((int) Math.min(sorted.size() - 1.0, Math.floor(sorted.size() * share)));
    }
  }

  /// Runs honest clients alone and in the crowd, in turns, and prints what they waited.
  ///
  /// @param seconds of each run
  /// @return whether nobody noticed much
  static boolean run(int seconds) throws IOException, InterruptedException {
    try (var process = TuttiProcess.hub(TuttiProcess.Place.fresh(), "--no-discover", "--demo")) {
      var flood = new Flood(URI.create(process.url()));
      flood.honest(seconds);
      var ratios = new ArrayList<Double>();
      System.out.println(
          "| alone: answers | p50 ms | p99 ms | in the crowd: answers | p50 ms | p99 ms |"
              + " too large |");
      System.out.println("|---:|---:|---:|---:|---:|---:|---:|");
      for (int round = 0; round < ROUNDS; round++) {
        Seen quiet = Seen.of(flood.honest(seconds));
        Process crowd = flood.crowd();
        var out =
            new BufferedReader(
                new InputStreamReader(crowd.getInputStream(), StandardCharsets.UTF_8));
        String said = out.readLine();
        if (!Crowd.READY.equals(said)) {
          throw new IllegalStateException("crowd: " + said + " (expected: " + Crowd.READY + ")");
        }
        Seen loud = Seen.of(flood.honest(seconds));
        crowd.getOutputStream().close();
        String poured = out.readLine();
        crowd.destroy();
        crowd.waitFor();
        ratios.add(loud.p99() / quiet.p99());
        System.out.printf(
            Locale.ROOT,
            "| %d | %.1f | %.1f | %d | %.1f | %.1f | %s |%n",
            quiet.answers(),
            quiet.half(),
            quiet.p99(),
            loud.answers(),
            loud.half(),
            loud.p99(),
            poured);
      }
      double ratio = ratios.stream().sorted().toList().get(ROUNDS / 2);
      long kibi = process.residentKibi();
      System.out.printf(
          Locale.ROOT,
          "p99, times that without (median of %d): %.2f (expected: <= %.0f); VmRSS of the hub: %.0f MB%n",
          ROUNDS,
          ratio,
          MOST_TIMES,
          kibi / 1024.0);
      boolean good = ratio <= MOST_TIMES && kibi <= MOST_KIBI;
      System.out.println(good ? "good" : "BAD: honest clients notice");
      return good;
    }
  }

  /// Starts the crowd. It takes what the honest and the hub leave of this machine.
  private Process crowd() throws IOException {
    long honestPerSecond = HONEST * Duration.ofSeconds(1).dividedBy(BETWEEN);
    return new ProcessBuilder(
            "nice",
            "-n",
            "19",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Bench.class.getName(),
            "crowd",
            hub.toString(),
            Long.toString(TIMES * honestPerSecond))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /// What honest clients wait, in milliseconds; a refused or lost request is an error at once.
  private List<Double> honest(int seconds) throws InterruptedException {
    var took = new ConcurrentLinkedQueue<Double>();
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    var threads = new ArrayList<Thread>();
    try (var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < HONEST; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  while (System.nanoTime() < end) {
                    took.add(ask(http));
                    LockSupport.parkNanos(BETWEEN.toNanos());
                  }
                }));
      }
      for (Thread each : threads) {
        each.join();
      }
    }
    return List.copyOf(took);
  }

  private double ask(HttpClient http) {
    var request =
        HttpRequest.newBuilder(hub.resolve("/v1/models")).timeout(Duration.ofSeconds(20)).build();
    long begin = System.nanoTime();
    try {
      int status = http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
      if (status != 200) {
        throw new IllegalStateException("status: " + status + " (expected: 200)");
      }
    } catch (IOException e) {
      // A kept-alive connection may just have made room: asked again, as every client does.
      return 2 * (System.nanoTime() - begin) / 1e6 + ask(http);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    return (System.nanoTime() - begin) / 1e6;
  }
}
