package dev.tutti.bench.durable;

import dev.tutti.paced.EngineKind;
import dev.tutti.paced.Pace;
import dev.tutti.paced.PaceProfile;
import dev.tutti.paced.PacedEngine;
import dev.tutti.paced.PacedModel;
import dev.tutti.testkit.TuttiProcess;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Real deaths: a hub as its owner starts it, with simulated engines behind it and a client that
/// asks for longer work all the time, is killed by SIGKILL and started again with the same home. At
/// the end the client's own list of what it was told is compared with what the hub has and with how
/// much the engines did.
public final class RealKills {
  private static final String MODEL = "sim/batch";
  private static final String BODY =
      "{\"model\":\"" + MODEL + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /// How long everything may take to end after the last kill.
  private static final Duration THE_END = Duration.ofMinutes(10);

  /// A life lasts at the most so long after its hub is ready.
  private static final int LONGEST_LIFE_MILLIS = 1_500;

  private static final long LOOK_AGAIN_MILLIS = 50;
  private static final int CLIENTS = 3;

  private static final JsonMapper JSON = new JsonMapper();

  private final Tally tally = new Tally();
  private final SplittableRandom random;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Set<String> tasks = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> batches = new ConcurrentHashMap<>();
  private final Map<String, String> seen = new ConcurrentHashMap<>();

  private RealKills(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /// Kills so often.
  public static Tally run(int kills, long seed) throws InterruptedException, IOException {
    var vertx = Vertx.vertx();
    try {
      var engines = new ArrayList<PacedEngine>();
      for (String name : List.of("one", "two")) {
        engines.add(
            PacedEngine.start(
                    vertx,
                    PaceProfile.of(name, EngineKind.OLLAMA, List.of(PacedModel.chat(MODEL)))
                        .withPace(Pace.of(4_000, 400).withSlots(4))
                        .withAnswerTokens(16),
                    "127.0.0.1",
                    0)
                .toCompletionStage()
                .toCompletableFuture()
                .join());
      }
      var harness = new RealKills(seed);
      return harness.run(kills, engines);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private Tally run(int kills, List<PacedEngine> engines) throws InterruptedException, IOException {
    for (String what : World.FAULTS) {
      tally.add(what, 0);
    }
    var place = TuttiProcess.Place.fresh();
    var words = new ArrayList<>(List.of("--no-discover"));
    for (PacedEngine engine : engines) {
      words.add("--backend");
      words.add(engine.url());
    }
    for (int i = 0; i < kills; i++) {
      try (var hub = TuttiProcess.hub(place, words.toArray(String[]::new))) {
        long life = random.nextInt(LONGEST_LIFE_MILLIS);
        var killer =
            Thread.ofPlatform()
                .start(() -> {
                  pause(life);
                  hub.kill9();
                });
        var clients = new ArrayList<Thread>();
        for (int each = 0; each < CLIENTS; each++) {
          SplittableRandom chance = random.split();
          clients.add(Thread.ofPlatform().start(() -> work(hub.url(), killer, chance)));
        }
        killer.join();
        for (Thread client : clients) {
          client.join();
        }
        tally.add("kills", 1);
      }
    }
    try (var hub = TuttiProcess.hub(place, words.toArray(String[]::new))) {
      finish(hub.url());
    }
    tally.add("generations that engines completed", completed(engines));
    return tally;
  }

  // ---- the client

  /// Asks for work until the hub is dead.
  private void work(String hub, Thread killer, SplittableRandom chance) {
    while (killer.isAlive()) {
      try {
        switch (chance.nextInt(6)) {
          case 0 -> batch(hub, 3 + chance.nextInt(8));
          case 1, 2 -> fetch(hub, chance);
          default -> task(hub);
        }
      } catch (IOException _) {
        // Nothing was told, so nothing is promised.
        tally.add("requests cut off by a kill", 1);
        pause(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  private void task(String hub) throws IOException, InterruptedException {
    JsonNode told =
        post(
            hub + "/mesh/v1/tasks",
            "application/json",
            "{\"endpoint\":\"/v1/chat/completions\",\"body\":" + BODY + "}");
    tasks.add(told.path("task_id").asString());
    tally.add("tasks acknowledged", 1);
  }

  private void batch(String hub, int lines) throws IOException, InterruptedException {
    var file = new StringBuilder("--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\n");
    file.append("batch\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"in\"");
    file.append("\r\n\r\n");
    for (int i = 0; i < lines; i++) {
      file.append("{\"custom_id\":\"c").append(i).append("\",\"method\":\"POST\",");
      file.append("\"url\":\"/v1/chat/completions\",\"body\":").append(BODY).append("}\n");
    }
    file.append("\r\n--b--\r\n");
    String id =
        post(hub + "/v1/files", "multipart/form-data; boundary=b", file.toString())
            .path("id")
            .asString();
    JsonNode told =
        post(
            hub + "/v1/batches",
            "application/json",
            "{\"input_file_id\":\""
                + id
                + "\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}");
    batches.put(told.path("id").asString(), lines);
    tally.add("batches acknowledged", 1);
    tally.add("requests in them", lines);
  }

  private void fetch(String hub, SplittableRandom chance) throws IOException, InterruptedException {
    List<String> all = List.copyOf(tasks);
    if (!all.isEmpty()) {
      fetch(hub, all.get(chance.nextInt(all.size())));
    }
  }

  private boolean fetch(String hub, String task) throws IOException, InterruptedException {
    HttpResponse<String> result = get(hub + "/mesh/v1/tasks/" + task + "/result");
    if (result.statusCode() == 404) {
      tally.fault(World.LOST, task);
      return true;
    }
    if (result.statusCode() == 202) {
      return false;
    }
    String before = seen.putIfAbsent(task, result.body());
    if (before != null && !before.equals(result.body())) {
      tally.fault(World.CHANGED, task);
    }
    if (result.statusCode() != 200) {
      tally.add("results that are errors", 1);
    }
    return true;
  }

  // ---- the end

  private void finish(String hub) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + THE_END.toNanos();
    for (String task : tasks) {
      boolean ended = fetch(hub, task);
      while (!ended && System.nanoTime() < deadline) {
        get(hub + "/mesh/v1/tasks/" + task + "?wait_ms=5000");
        ended = fetch(hub, task);
      }
      tally.add("results", 1);
      if (!ended) {
        tally.fault(World.OPEN, task);
      }
    }
    var listed = new HashSet<String>();
    String after = "";
    for (boolean more = true; more; ) {
      JsonNode page =
          JSON.readTree(get(hub + "/mesh/v1/tasks?state=all&limit=1000&after=" + after).body());
      for (JsonNode task : page.path("tasks")) {
        after = task.path("task_id").asString();
        if (!listed.add(after)) {
          tally.fault(World.DOUBLED, after);
        }
      }
      more = page.path("has_more").asBoolean(false);
    }
    tally.add("tasks taken whose acknowledgement a kill cut off", listed.size() - tasks.size());
    for (var batch : batches.entrySet()) {
      finish(hub, batch.getKey(), batch.getValue(), deadline);
    }
  }

  private void finish(String hub, String id, int lines, long deadline)
      throws IOException, InterruptedException {
    JsonNode batch = JSON.readTree(get(hub + "/v1/batches/" + id).body());
    while (!Set.of("completed", "failed", "expired", "cancelled")
            .contains(batch.path("status").asString(""))
        && System.nanoTime() < deadline) {
      pause(LOOK_AGAIN_MILLIS);
      batch = JSON.readTree(get(hub + "/v1/batches/" + id).body());
    }
    if (!batch.path("status").asString("").equals("completed")) {
      tally.fault(World.OPEN, batch.toString());
      return;
    }
    var once = new HashSet<String>();
    for (String name : List.of("output_file_id", "error_file_id")) {
      if (batch.has(name)) {
        String file = get(hub + "/v1/files/" + batch.path(name).asString() + "/content").body();
        for (String line : file.split("\n", -1)) {
          if (!line.isEmpty() && !once.add(JSON.readTree(line).path("custom_id").asString())) {
            tally.fault(World.DOUBLED, id);
          }
        }
      }
    }
    tally.add("results", once.size());
    if (once.size() != lines) {
      tally.fault(World.LOST, id + " has " + once.size() + " of " + lines);
    }
  }

  private long completed(List<PacedEngine> engines) throws IOException, InterruptedException {
    long completed = 0;
    for (PacedEngine engine : engines) {
      completed +=
          JSON.readTree(get(engine.url() + "/_paced/stats").body()).path("completed").asLong(0);
    }
    return completed;
  }

  private static void pause(long millis) {
    try {
      var _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  // ---- HTTP

  private HttpResponse<String> get(String url) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode post(String url, String type, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(url))
                .timeout(PATIENCE)
                .header("content-type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(url + ": " + response.statusCode() + " " + response.body());
    }
    return JSON.readTree(response.body());
  }
}
