package dev.tutti.testkit.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Clients who come at a steady pace whatever becomes of those before, and write down what they
/// get.
public final class Callers implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String RECORD = "data: ";
  private static final int CHARS_PER_TOKEN = 4;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("callers").unstarted(task));
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentLinkedQueue<Reply> replies = new ConcurrentLinkedQueue<>();
  private final AtomicLong asked = new AtomicLong();
  private final String url;
  private final String key;
  private final int promptTokens;
  private final int answerTokens;
  private final long firstSeed;

  /// @param key the hub's key, empty when it needs none
  /// @param firstSeed the first request's; each next one has the next
  public Callers(String url, String key, int promptTokens, int answerTokens, long firstSeed) {
    this.url = url;
    this.key = key;
    this.promptTokens = promptTokens;
    this.answerTokens = answerTokens;
    this.firstSeed = firstSeed;
  }

  /// Begins to come so often.
  public void start(double perSecond) {
    long gap = Math.round(1e9 / perSecond);
    var _ =
        clock.scheduleAtFixedRate(
            () -> threads.execute(() -> ask(firstSeed + asked.getAndIncrement())),
            0,
            gap,
            TimeUnit.NANOSECONDS);
  }

  /// Nobody comes any more; waits for those who are there.
  ///
  /// @return everything that came of it
  public List<Reply> stop() {
    clock.shutdownNow();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return List.copyOf(replies);
  }

  /// What came of those who are answered by now.
  public List<Reply> soFar() {
    return List.copyOf(replies);
  }

  /// Asks now and reads to whatever end; fails with no exception of its own.
  public Reply ask(long seed) {
    var reply = new Reading(seed).run();
    replies.add(reply);
    return reply;
  }

  @Override
  public void close() {
    clock.shutdownNow();
    threads.shutdownNow();
    http.shutdownNow();
  }

  /// The body of a request.
  static String body(long seed, int promptTokens, int answerTokens) {
    String words = "Say " + seed + " ";
    int fill = Math.max(0, CHARS_PER_TOKEN * promptTokens - words.length());
    return "{\"model\":\"%s\",\"stream\":true,\"seed\":%d,\"max_tokens\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(ChaosMesh.MODEL, seed, answerTokens, words + "x".repeat(fill));
  }

  private final class Reading {
    private final long seed;
    private final Instant sentAt = Instant.now();
    private final StringBuilder text = new StringBuilder();
    private Optional<Instant> begunAt = Optional.empty();
    private String task = "";

    Reading(long seed) {
      this.seed = seed;
    }

    Reply run() {
      var request =
          HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
              .timeout(PATIENCE)
              .header("content-type", "application/json")
              .header("authorization", "Bearer " + key)
              .POST(HttpRequest.BodyPublishers.ofString(body(seed, promptTokens, answerTokens)))
              .build();
      try {
        return read(http.send(request, HttpResponse.BodyHandlers.ofInputStream()));
      } catch (IOException e) {
        return reply(Reply.Ending.BROKEN, e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return reply(Reply.Ending.BROKEN, e.toString());
      }
    }

    private Reply read(HttpResponse<InputStream> response) throws IOException {
      task = response.headers().firstValue("x-tutti-task").orElse("");
      try (var lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        if (response.statusCode() != 200) {
          return reply(Reply.Ending.REFUSED, response.statusCode() + " " + lines.readLine());
        }
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (!line.startsWith(RECORD)) {
            continue;
          }
          String data = line.substring(RECORD.length());
          if (data.equals("[DONE]")) {
            return reply(Reply.Ending.DONE, "");
          }
          JsonNode chunk = JsonMapper.shared().readTree(data);
          if (chunk.has("error")) {
            return reply(Reply.Ending.ERROR, data);
          }
          add(chunk.path("choices").path(0).path("delta").path("content").asString(""));
        }
        return reply(Reply.Ending.CLEAN_BUT_SHORT, "");
      }
    }

    private void add(String piece) {
      if (!piece.isEmpty() && begunAt.isEmpty()) {
        begunAt = Optional.of(Instant.now());
      }
      text.append(piece);
    }

    private Reply reply(Reply.Ending ending, String detail) {
      return new Reply(
          seed,
          answerTokens,
          sentAt,
          begunAt,
          Instant.now(),
          task,
          text.toString(),
          ending,
          detail);
    }
  }
}
