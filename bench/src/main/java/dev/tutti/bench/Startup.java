package dev.tutti.bench;

import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How long it takes from the command to the first served request.
final class Startup {
  private Startup() {}

  static void run(int runs) throws IOException, InterruptedException {
    var up = new ArrayList<Double>();
    var version = new ArrayList<Double>();
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i <= runs; i++) {
        double first = firstServed(client);
        double told = version();
        if (i > 0) { // the first run warms the disk's cache
          up.add(first);
          version.add(told);
        }
      }
    }
    print("tutti up to first served request", up);
    print("tutti version", version);
  }

  private static double firstServed(HttpClient client) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    try (var hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), "--no-discover")) {
      var request = HttpRequest.newBuilder(URI.create(hub.url() + "/api/version")).build();
      int status = client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
      if (status != 200) {
        throw new IOException("status: " + status + " (expected: 200)");
      }
      return (System.nanoTime() - begin) / 1e6;
    }
  }

  private static double version() {
    long begin = System.nanoTime();
    TuttiProcess.run(TuttiProcess.Place.fresh(), "version");
    return (System.nanoTime() - begin) / 1e6;
  }

  private static void print(String what, List<Double> millis) {
    List<Double> sorted = millis.stream().sorted().toList();
    System.out.printf(
        Locale.ROOT,
        "%-36s min %6.0f ms   median %6.0f ms   max %6.0f ms   (%d runs)%n",
        what,
        sorted.getFirst(),
        sorted.get(sorted.size() / 2),
        sorted.getLast(),
        sorted.size());
  }
}
