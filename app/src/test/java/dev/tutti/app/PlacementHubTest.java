package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.paced.EngineKind;
import dev.tutti.paced.Pace;
import dev.tutti.paced.PaceProfile;
import dev.tutti.paced.PacedEngine;
import dev.tutti.paced.PacedModel;
import dev.tutti.testkit.Eventually;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole hub in front of two simulated Ollamas: plans, and carries them out.
class PlacementHubTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final ModelName PINNED = new ModelName("sim/pinned");
  private static final ModelName WORDS = new ModelName("sim/words");
  private static final ModelName CHAT = new ModelName("sim/chat");

  @TempDir private Path home;
  private final Time time = new WallTime();
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private PacedEngine one;
  private PacedEngine two;
  private Saved saved;
  private Hub hub;

  private static PacedModel model(ModelName name, PacedModel.Role role) {
    return new PacedModel(name, Set.of(role), Bytes.ofGibi(0.1), 4_096);
  }

  private PacedEngine engine(String name, PacedModel... models) {
    var profile =
        PaceProfile.of(name, EngineKind.OLLAMA, List.of(models))
            .withPace(Pace.of(10_000, 2_000).withLoad(Duration.ofMillis(30)))
            .withAnswerTokens(3);
    return PacedEngine.start(vertx, profile).await();
  }

  @BeforeEach
  void start() throws Exception {
    one = engine("one", model(PINNED, PacedModel.Role.CHAT), model(WORDS, PacedModel.Role.EMBED));
    two = engine("two", model(CHAT, PacedModel.Role.CHAT));
    Settings settings =
        TestSettings.of(
            "backends: [ \"" + one.url() + "\", \"" + two.url() + "\" ]",
            "models: { \"" + PINNED + "\": { pin: bob }, \"" + WORDS + "\": { pin: bob } }",
            "hedge: true");
    saved = Saved.open(new Home(home).create(), time, new SecureRandom());
    hub = wait(Hub.start(vertx, settings, saved, List.of()).toCompletionStage());
  }

  @AfterEach
  void stop() throws Exception {
    wait(hub.close().toCompletionStage());
    saved.close();
    http.close();
    wait(vertx.close().toCompletionStage());
  }

  private static <T> T wait(java.util.concurrent.CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private HttpResponse<String> send(HttpRequest request) {
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
  }

  private JsonNode ask(String method, String path, String body) {
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(URI.create(hub.url() + path))
                .timeout(SOON)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private Map<String, String> plan() {
    var actions = new HashMap<String, String>();
    for (JsonNode node : ask("GET", "/mesh/v1/models/placement", "").path("nodes")) {
      for (JsonNode model : node.path("models")) {
        actions.put(model.path("model").asString(""), model.path("action").asString(""));
      }
    }
    return actions;
  }

  /// Until when the engine keeps each model that it has in memory.
  private Map<String, Instant> inMemory(PacedEngine engine) {
    HttpResponse<String> answer =
        send(HttpRequest.newBuilder(URI.create(engine.url() + "/api/ps")).build());
    var until = new HashMap<String, Instant>();
    for (JsonNode model : JSON.readTree(answer.body()).path("models")) {
      until.put(
          new ModelName(model.path("name").asString("")).value(),
          Instant.parse(model.path("expires_at").asString("")));
    }
    return until;
  }

  @Test
  void what_is_pinned_is_loaded_when_the_owner_says_so_and_stays() {
    assertThat(plan())
        .containsOnly(Map.entry("sim/pinned", "load"), Map.entry("sim/words", "load"));
    assertThat(inMemory(one)).as("planning loads nothing").isEmpty();

    JsonNode begun = ask("POST", "/mesh/v1/models/placement", "").path("begun");
    assertThat(begun).hasSize(2);
    Eventually.until(SOON, () -> one.stats().loads() == 2 && inMemory(one).size() == 2);
    Instant longAfter = Instant.now().plus(Duration.ofDays(365));
    assertThat(inMemory(one).values()).allMatch(until -> until.isAfter(longAfter));

    Eventually.until(SOON, () -> plan().values().stream().allMatch("keep"::equals));
    JsonNode again = ask("POST", "/mesh/v1/models/placement", "").path("begun");
    assertThat(again).isEmpty();
    assertThat(one.stats().loads()).isEqualTo(2);
  }

  @Test
  void what_clients_use_is_theirs_to_keep_as_long_as_no_plan_wants_it() {
    ask("POST", "/api/generate", "{\"model\":\"sim/chat\",\"prompt\":\"hi\",\"stream\":false}");
    Instant soon = Instant.now().plus(Duration.ofMinutes(6));
    assertThat(inMemory(two).values()).allMatch(until -> until.isBefore(soon));
    Eventually.until(SOON, () -> plan().containsKey("sim/chat"));
    assertThat(plan()).containsEntry("sim/chat", "idle");
  }
}
