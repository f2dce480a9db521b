package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Three engines with one slot each: the fourth request waits, and is told how long when it will
/// not.
class QueueTest {
  private static final String MODEL = "sim/steady";

  /// An answer takes four seconds.
  private static final int TOKENS = 100;

  private static final String TOKENS_PER_SECOND = "25";

  /// Who comes when all slots have just been taken waits most of those four seconds.
  private static final long AT_LEAST_MILLIS = 2_000;

  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String TTL_MILLIS = "1000";

  private static final Deque<AutoCloseable> OPEN = new ArrayDeque<>();
  private static TuttiProcess hub;
  private static HubView view;

  @BeforeAll
  static void start() {
    List<PacedProcess> engines = new ArrayList<>();
    List<String> words = new ArrayList<>(List.of("--no-discover"));
    for (String name : List.of("one", "two", "three")) {
      var engine =
          PacedProcess.start(
              "--kind",
              "ollama",
              "--name",
              name,
              "--models",
              MODEL,
              "--decode",
              TOKENS_PER_SECOND,
              "--answer",
              Integer.toString(TOKENS));
      OPEN.push(engine);
      engines.add(engine);
      words.addAll(List.of("--backend", engine.url() + ",slots=1,name=" + name));
    }
    hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), words.toArray(String[]::new));
    OPEN.push(hub);
    view = new HubView(hub.url());
    Eventually.until(
        "all engines are known",
        PATIENCE,
        () -> engines.stream().allMatch(engine -> view.offers(engine.url(), MODEL)));
  }

  @AfterAll
  static void stop() throws Exception {
    while (!OPEN.isEmpty()) {
      OPEN.pop().close();
    }
    hub.forget();
  }

  @Test
  @DisplayName("T47 three requests run on three backends, and the fourth waits its turn")
  void three_requests_run_on_three_backends_and_the_fourth_waits_its_turn() {
    List<CompletableFuture<Http.Answer>> running = occupy();

    var fourth = openAi();

    assertThat(fourth.status()).as(fourth.toString()).isEqualTo(200);
    long waited = Long.parseLong(fourth.header("x-tutti-queue-ms"));
    assertThat(waited).isGreaterThan(AT_LEAST_MILLIS);
    Set<String> places = new HashSet<>();
    for (var each : running) {
      var answer = each.join();
      assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
      assertThat(answer.header("x-tutti-queue-ms")).isEqualTo("0");
      places.add(answer.header("x-tutti-backend"));
    }
    assertThat(places).containsExactlyInAnyOrder("one", "two", "three");
    assertThat(places).contains(fourth.header("x-tutti-backend"));
  }

  @Test
  void a_request_that_would_wait_too_long_is_told_how_long() {
    occupy().forEach(CompletableFuture::join);
    List<CompletableFuture<Http.Answer>> running = occupy();
    try (var events = EventWatch.of(view.url())) {
      var openAi = posting("/v1/chat/completions", openAiBody());
      var ollama = posting("/api/chat", ollamaBody());

      assertRefused(openAi.join());
      assertThat(openAi.join().json().path("error").path("message").asString(""))
          .contains(MODEL, "busy");
      assertThat(openAi.join().json().path("error").has("type")).isTrue();
      assertRefused(ollama.join());
      assertThat(ollama.join().json().path("error").asString("")).contains(MODEL, "busy");

      assertNearTheTruth(openAi.join(), running);
      String task = openAi.join().header("x-tutti-task");
      events.await("task.queued", PATIENCE, data -> isOf(data, task));
      var expired = events.await("queue.expired", PATIENCE, data -> isOf(data, task));
      assertThat(expired.path("estimated_wait_ms").asString(""))
          .isEqualTo(openAi.join().header("x-tutti-estimated-wait-ms"));
    }
  }

  private static boolean isOf(JsonNode data, String task) {
    return data.path("task_id").asString("").equals(task);
  }

  private static void assertRefused(Http.Answer answer) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
    assertThat(answer.header("retry-after")).matches("[1-9]\\d*");
    assertThat(answer.header("x-tutti-estimated-wait-ms")).matches("[1-9]\\d*");
  }

  /// The truth is when the first slot really became free, measured from the refusal.
  private static void assertNearTheTruth(
      Http.Answer refused, List<CompletableFuture<Http.Answer>> running) {
    long free = running.stream().mapToLong(each -> each.join().arrivedNanos()).min().orElseThrow();
    long truth = Duration.ofNanos(free - refused.arrivedNanos()).toMillis();
    assertThat(Long.parseLong(refused.header("x-tutti-estimated-wait-ms")))
        .as("estimated wait in ms; the truth was %d", truth)
        .isBetween(truth / 2, truth * 2);
  }

  /// Fills all slots and returns once they are.
  private static List<CompletableFuture<Http.Answer>> occupy() {
    List<CompletableFuture<Http.Answer>> running = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      running.add(Http.posting(view.url() + "/v1/chat/completions", openAiBody()));
    }
    Eventually.until(
        "all slots are taken",
        PATIENCE,
        () ->
            view.backends()
                .valueStream()
                .allMatch(each -> each.path("active_tasks").intValue() == 1));
    return running;
  }

  private static Http.Answer openAi() {
    return Http.post(view.url() + "/v1/chat/completions", openAiBody());
  }

  private static CompletableFuture<Http.Answer> posting(String path, String body) {
    return Http.posting(view.url() + path, body, "x-tutti-ttl-ms", TTL_MILLIS);
  }

  private static String openAiBody() {
    return HubView.chatBody(MODEL, TOKENS);
  }

  private static String ollamaBody() {
    return "{\"model\":\""
        + MODEL
        + "\",\"stream\":false,\"options\":{\"num_predict\":"
        + TOKENS
        + "},\"messages\":[{\"role\":\"user\",\"content\":\"count\"}]}";
  }
}
