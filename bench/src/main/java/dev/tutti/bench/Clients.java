package dev.tutti.bench;

import dev.tutti.simulate.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Clients that ask a hub over HTTP, each at its time whether others have been answered or not, and
/// read their answers as they come.
final class Clients {
  /// Tokens that a message costs a paced engine beside its text.
  private static final int MESSAGE_TOKENS = 4;

  private static final int CHARS_PER_TOKEN = 4;
  private static final String LONGEST_WAIT_MILLIS = "600000";

  private Clients() {}

  /// What they saw.
  ///
  /// @param failed requests without a whole answer
  record Seen(int failed, double p50Millis, double p95Millis, double meanMillis) {
    static Seen of(double[] millis) {
      double[] good = Arrays.stream(millis).filter(one -> one >= 0).sorted().toArray();
      if (good.length == 0) {
        return new Seen(millis.length, Double.NaN, Double.NaN, Double.NaN);
      }
      return new Seen(
          millis.length - good.length,
          good[(int) Math.ceil(0.50 * good.length) - 1],
          good[(int) Math.ceil(0.95 * good.length) - 1],
          Arrays.stream(good).average().orElse(Double.NaN));
    }
  }

  static Seen replay(String url, String model, List<Request> requests) throws InterruptedException {
    var millis = new double[requests.size()];
    Arrays.fill(millis, -1);
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      // What is loaded and compiled with the first requests is not the fleet's speed.
      for (int i = 0; i < requests.size() && i < 50; i++) {
        ask(client, url, model, 10, 2);
      }
      long start = System.nanoTime();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Request request : requests) {
          long due = start + request.arrivalNanos();
          waitUntil(due);
          threads.execute(() -> {
            if (ask(client, url, model, request.prompt().tokens(), request.outputTokens())) {
              millis[request.index()] = (System.nanoTime() - due) / 1e6;
            }
          });
        }
      }
    }
    return Seen.of(millis);
  }

  private static void waitUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /// Whether a whole answer came.
  private static boolean ask(HttpClient client, String url, String model, int prompt, int answer) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("model", model);
    body.put("stream", true);
    body.putArray("messages")
        .addObject()
        .put("role", "user")
        .put("content", "x".repeat(Math.max(1, CHARS_PER_TOKEN * (prompt - MESSAGE_TOKENS))));
    body.putObject("options").put("num_predict", answer);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/api/chat"))
            .header("content-type", "application/json")
            .header("x-tutti-ttl-ms", LONGEST_WAIT_MILLIS)
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    try {
      HttpResponse<Stream<String>> response =
          client.send(request, HttpResponse.BodyHandlers.ofLines());
      try (Stream<String> lines = response.body()) {
        String last = lines.reduce("", (seen, line) -> line.isEmpty() ? seen : line);
        return response.statusCode() == 200
            && JsonMapper.shared().readTree(last).path("eval_count").asInt(0) == answer;
      }
    } catch (IOException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
