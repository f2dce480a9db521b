package dev.tutti.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Requests to a hub, each sent at the time it is due whether others have been answered or not, and
/// timed from when it was due. Lengths are log-normal, arrivals at random.
final class Volley {
  private static final int MESSAGE_TOKENS = 4;
  private static final int CHARS_PER_TOKEN = 4;
  private static final double MEDIAN_PROMPT = 60;
  private static final double MEDIAN_ANSWER = 24;
  private static final int MOST_PROMPT = 1_000;
  private static final int MOST_ANSWER = 160;

  private final HttpClient client;
  private final String url;
  private final String model;
  private final SplittableRandom random;

  Volley(HttpClient client, String url, String model, long seed) {
    this.client = client;
    this.url = url;
    this.model = model;
    this.random = new SplittableRandom(seed);
  }

  /// A request.
  ///
  /// @param dueNanos when it is sent, from the beginning
  /// @param key whose it is
  /// @param ttlMillis how long it would wait
  record Shot(long dueNanos, String key, int prompt, int answer, long ttlMillis) {}

  /// What became of it.
  ///
  /// @param status 200 only for a whole answer
  /// @param millis from when it was due to its end
  /// @param queueMillis how long it waited, as the hub says; negative when it does not
  /// @param p50Millis how long it was thought to wait; negative when it did not have to
  record Hit(
      Shot shot, int status, double millis, long queueMillis, long p50Millis, long p90Millis) {
    boolean isGood() {
      return status == 200;
    }
  }

  /// Requests at random times, so many per second from one moment to another.
  List<Shot> shots(double fromSeconds, double toSeconds, double perSecond, String key, long ttl) {
    var shots = new ArrayList<Shot>();
    double at = fromSeconds;
    while (true) {
      at -= Math.log(1 - random.nextDouble()) / perSecond;
      if (at >= toSeconds) {
        return shots;
      }
      shots.add(shot(Math.round(at * 1e9), key, ttl));
    }
  }

  private Shot shot(long due, String key, long ttl) {
    return new Shot(
        due,
        key,
        Math.clamp(Math.round(MEDIAN_PROMPT * spread()), 8, MOST_PROMPT),
        Math.clamp(Math.round(MEDIAN_ANSWER * spread()), 2, MOST_ANSWER),
        ttl);
  }

  private double spread() {
    return Math.exp(0.7 * random.nextGaussian());
  }

  /// Sends them, and returns when the last has been answered.
  List<Hit> fire(List<Shot> shots) {
    var hits = new ConcurrentLinkedQueue<Hit>();
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Shot shot : inOrder(shots)) {
        long due = start + shot.dueNanos();
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        threads.execute(() -> hits.add(ask(shot, due)));
      }
    }
    return List.copyOf(hits);
  }

  /// So many clients, each asking again as soon as it was answered, for so long.
  List<Hit> besiege(int clients, double seconds, String key, long ttl) {
    var hits = new ConcurrentLinkedQueue<Hit>();
    var over = new AtomicBoolean();
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < clients; i++) {
        var own = new Volley(client, url, model, random.nextLong());
        threads.execute(() -> {
          while (!over.get()) {
            long now = System.nanoTime();
            hits.add(own.ask(own.shot(now - start, key, ttl), now));
          }
        });
      }
      long end = start + Math.round(seconds * 1e9);
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      over.set(true);
    }
    return List.copyOf(hits);
  }

  private static List<Shot> inOrder(List<Shot> shots) {
    return shots.stream().sorted(Comparator.comparingLong(Shot::dueNanos)).toList();
  }

  private Hit ask(Shot shot, long due) {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("model", model);
    body.put("stream", true);
    String prompt = "x".repeat(Math.max(1, CHARS_PER_TOKEN * (shot.prompt() - MESSAGE_TOKENS)));
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    body.putObject("options").put("num_predict", shot.answer());
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/api/chat"))
            .header("content-type", "application/json")
            .header("authorization", "Bearer " + PressureWorld.secret(shot.key()))
            .header("x-tutti-ttl-ms", Long.toString(shot.ttlMillis()))
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      int status = response.statusCode();
      boolean whole = response.body().contains("\"done\":true");
      HttpHeaders headers = response.headers();
      return new Hit(
          shot,
          status == 200 && !whole ? 0 : status,
          (System.nanoTime() - due) / 1e6,
          headers.firstValueAsLong("x-tutti-queue-ms").orElse(-1),
          headers.firstValueAsLong("x-tutti-wait-p50-ms").orElse(-1),
          headers.firstValueAsLong("x-tutti-wait-p90-ms").orElse(-1));
    } catch (IOException _) {
      return new Hit(shot, 0, (System.nanoTime() - due) / 1e6, -1, -1, -1);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Hit(shot, 0, (System.nanoTime() - due) / 1e6, -1, -1, -1);
    }
  }
}
