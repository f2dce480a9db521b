package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A hub that serves an `openclaw_workers.json`: priorities, a rule's fallback, and the cloud last.
class WorkersFileTest {
  private static final String MODEL = "sim/steady";
  private static final String CLOUD_MODEL = "sim/cloud";

  /// An answer takes three seconds.
  private static final int TOKENS = 90;

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private static final Deque<AutoCloseable> OPEN = new ArrayDeque<>();
  private static final List<PacedProcess> ENGINES = new ArrayList<>();
  private static Path workers;
  private static TuttiProcess hub;
  private static HubView view;

  @BeforeAll
  static void start() throws IOException {
    engine("ollama", "hall", MODEL);
    engine("ollama", "attic", MODEL);
    engine("openai", "sky", CLOUD_MODEL);
    TuttiProcess.Place place = TuttiProcess.Place.fresh();
    workers = place.home().resolve("openclaw_workers.json");
    Files.writeString(workers, file(true));
    var said = TuttiProcess.run(place, "import", workers.toString(), "--live");
    assertThat(said.code()).as(said.err()).isZero();
    hub = TuttiProcess.hub(place, "--no-discover");
    OPEN.push(hub);
    view = new HubView(hub.url());
    Eventually.until(
        "all engines are known",
        PATIENCE,
        () ->
            view.offers(ENGINES.get(0).url(), MODEL)
                && view.offers(ENGINES.get(1).url(), MODEL)
                && view.offers(ENGINES.get(2).url(), CLOUD_MODEL));
  }

  private static void engine(String kind, String name, String model) {
    var engine =
        PacedProcess.start(
            "--kind",
            kind,
            "--name",
            name,
            "--models",
            model,
            "--decode",
            "30",
            "--answer",
            Integer.toString(TOKENS),
            "--slots",
            "4");
    OPEN.push(engine);
    ENGINES.add(engine);
  }

  private static String file(boolean attic) {
    return """
    {
      "workers": [
        {"worker_id": "hall", "type": "ollama_remote", "endpoint": "%s", "priority": 90,
         "max_concurrent": 1, "models_available": ["sim/steady"], "task_types": ["write"],
         "enabled": true},
        {"worker_id": "attic", "type": "ollama_remote", "endpoint": "%s", "priority": 40,
         "max_concurrent": 1, "models_available": ["sim/steady"], "task_types": ["write"],
         "enabled": %s},
        {"worker_id": "sky", "type": "openai_api", "endpoint": "%s", "priority": 10,
         "max_concurrent": 5, "models_available": ["sim/cloud"], "task_types": ["write"],
         "enabled": true}
      ],
      "routing_rules": [
        {"rule_id": "writing", "task_types": ["write"], "preferred_workers": ["hall", "attic"],
         "fallback": ["sky"], "model_preference": "sim/steady"}
      ],
      "global_settings": {"worker_selection_strategy": "priority_with_availability"}
    }
    """
        .formatted(ENGINES.get(0).url(), ENGINES.get(1).url(), attic, ENGINES.get(2).url());
  }

  @AfterAll
  static void stop() throws Exception {
    while (!OPEN.isEmpty()) {
      OPEN.pop().close();
    }
    hub.forget();
  }

  @Test
  void busy_ones_hand_on_by_priority_and_the_cloud_is_last_and_only_for_who_may_leave_home()
      throws IOException {
    var first = begun("write", 0);
    var second = begun("write", 1);
    var third = begun("write", 2);
    var atHome = asks("write", "x-tutti-privacy", "local");
    var untyped = asks("chat");

    assertThat(backendOf(first)).isEqualTo("hall");
    assertThat(first.join().header("x-tutti-why")).contains("priority 90", "by rule writing");
    assertThat(backendOf(second)).isEqualTo("attic");
    assertThat(backendOf(third)).isEqualTo("sky");
    assertThat(third.join().header("x-tutti-model")).isEqualTo(CLOUD_MODEL);
    assertThat(third.join().header("x-tutti-why")).contains("cloud, fallback of rule writing");
    assertThat(backendOf(atHome)).isIn("hall", "attic");
    assertThat(backendOf(untyped)).as("no rule: the LAN queues").isIn("hall", "attic");
    assertThat(ENGINES.get(2).stats().seen()).isEqualTo(1);

    Files.writeString(workers, file(false));
    Eventually.until(
        "the change of the file", PATIENCE, () -> explained().contains("switched off"));
    var busy = begun("write", 0);
    assertThat(backendOf(begun("write", 2))).isEqualTo("sky");
    assertThat(backendOf(busy)).isEqualTo("hall");
  }

  private static String explained() {
    return Http.get(view.url() + "/mesh/v1/routes/explain?type=write&model=" + MODEL).body();
  }

  /// A request that runs on that engine by now.
  private static CompletableFuture<Http.Answer> begun(String type, int engine) {
    var answer = asks(type);
    Eventually.until(
        "it runs on engine " + engine + ": " + view.backends(),
        PATIENCE,
        () -> ENGINES.get(engine).stats().active() == 1);
    return answer;
  }

  private static CompletableFuture<Http.Answer> asks(String type, String... more) {
    var headers = new ArrayList<>(List.of("x-tutti-type", type));
    headers.addAll(List.of(more));
    return Http.posting(
        view.url() + "/v1/chat/completions",
        HubView.chatBody(MODEL, TOKENS),
        headers.toArray(String[]::new));
  }

  private static String backendOf(CompletableFuture<Http.Answer> answer) {
    assertThat(answer.join().status()).as(answer.join().toString()).isEqualTo(200);
    return answer.join().header("x-tutti-backend");
  }
}
