package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole hub in front of a simulated Ollama, spoken to as an Ollama.
class OllamaMeshTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String CHAT = "sim/chat";

  @TempDir private Path home;
  private final Time time = new WallTime();
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private PacedEngine paced;
  private Saved saved;
  private Hub hub;

  @BeforeEach
  void start() throws Exception {
    var profile =
        PaceProfile.of(
                "test",
                EngineKind.OLLAMA,
                List.of(PacedModel.chat(CHAT), PacedModel.chat("sim/pinned")))
            .withPace(Pace.of(10_000, 2_000).withLoad(Duration.ofMillis(30)))
            .withAnswerTokens(3);
    paced = PacedEngine.start(vertx, profile).await();
    Settings settings =
        TestSettings.of(
            TestSettings.backend(paced.url() + ",slots=2"),
            "models: { sim/pinned: { context: 8192 } }");
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

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return send(method, path, HttpRequest.BodyPublishers.ofString(body));
  }

  private HttpResponse<String> send(String method, String path, HttpRequest.BodyPublisher body)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(hub.url() + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, body)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private List<String> tags() throws Exception {
    var names = new ArrayList<String>();
    JSON.readTree(send("GET", "/api/tags", "").body())
        .path("models")
        .forEach(model -> names.add(model.path("name").asString("")));
    return names;
  }

  @Test
  void what_is_pulled_copied_created_and_deleted_is_in_the_lists_at_once() throws Exception {
    HttpResponse<String> pulled = send("POST", "/api/pull", "{\"model\":\"sim/new:1b\"}");
    assertThat(pulled.statusCode()).isEqualTo(200);
    assertThat(pulled.headers().firstValue("x-tutti-node")).hasValue("bob");
    List<String> lines = pulled.body().lines().toList();
    assertThat(lines.getFirst()).contains("pulling manifest");
    assertThat(lines).anyMatch(line -> line.contains("\"completed\""));
    assertThat(lines.getLast()).contains("\"status\":\"success\"");
    assertThat(tags()).contains("sim/new:1b");
    assertThat(
            send("POST", "/api/copy", "{\"source\":\"sim/new:1b\",\"destination\":\"sim/copy\"}")
                .statusCode())
        .isEqualTo(200);
    assertThat(tags()).contains("sim/copy:latest");
    HttpResponse<String> created =
        send(
            "POST",
            "/api/create",
            "{\"model\":\"sim/made\",\"from\":\"sim/copy\",\"stream\":false}");
    assertThat(JSON.readTree(created.body()).path("status").asString("")).isEqualTo("success");
    assertThat(tags()).contains("sim/made:latest");
    assertThat(send("DELETE", "/api/delete", "{\"model\":\"sim/made\"}").statusCode())
        .isEqualTo(200);
    assertThat(tags()).doesNotContain("sim/made:latest").contains("sim/copy:latest");
  }

  @Test
  void an_engines_refusals_keep_their_status_and_words() throws Exception {
    HttpResponse<String> absent = send("DELETE", "/api/delete", "{\"model\":\"nobody\"}");
    assertThat(absent.statusCode()).isEqualTo(404);
    assertThat(absent.body()).contains("model 'nobody' not found");
    HttpResponse<String> line = send("POST", "/api/pull", "{\"model\":\"sim/missing\"}");
    assertThat(line.statusCode()).isEqualTo(200);
    assertThat(line.body().lines().toList().getLast()).contains("\"error\":");
    HttpResponse<String> whole =
        send("POST", "/api/pull", "{\"model\":\"sim/missing\",\"stream\":false}");
    assertThat(whole.statusCode()).isEqualTo(500);
    assertThat(send("POST", "/api/push", "{\"model\":\"" + CHAT + "\"}").body())
        .contains("success");
  }

  @Test
  void a_blob_of_any_size_streams_through() throws Exception {
    byte[] blob = new byte[SingleCalls.MAX_GATHERED_BYTES + 3_000_000];
    new SecureRandom().nextBytes(blob);
    String path =
        "/api/blobs/sha256:"
            + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(blob));
    var nothing = HttpRequest.BodyPublishers.noBody();
    assertThat(send("HEAD", path, nothing).statusCode()).isEqualTo(404);
    assertThat(send("POST", path, HttpRequest.BodyPublishers.ofByteArray(blob)).statusCode())
        .isEqualTo(201);
    assertThat(send("HEAD", path, nothing).statusCode()).isEqualTo(200);
    var small = HttpRequest.BodyPublishers.ofByteArray(new byte[] {1});
    HttpResponse<String> wrong = send("POST", "/api/blobs/sha256:" + "00".repeat(32), small);
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("digest mismatch");
    // Without a length it comes in chunks.
    var again =
        HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(blob));
    assertThat(send("POST", path, again).statusCode()).isEqualTo(200);
  }

  @Test
  void show_is_the_engines_own() throws Exception {
    JsonNode shown =
        JSON.readTree(send("POST", "/api/show", "{\"model\":\"" + CHAT + "\"}").body());
    assertThat(shown.path("template").asString("")).isEqualTo("{{ .Prompt }}");
    assertThat(shown.path("modelfile").asString("")).isEqualTo("# simulated\n");
    assertThat(shown.path("model_info").path("simulated.embedding_length").asInt()).isPositive();
    assertThat(shown.path("simulated").booleanValue()).isTrue();
  }

  private CompletableFuture<HttpResponse<String>> chat(String model, int context) {
    String options = context == 0 ? "" : ",\"options\":{\"num_ctx\":" + context + "}";
    String body =
        "{\"model\":\""
            + model
            + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]"
            + options
            + "}";
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create(hub.url() + "/api/chat"))
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String why(HttpResponse<String> answer) {
    return answer.headers().firstValue("x-tutti-why").orElse("");
  }

  @Test
  void clients_with_different_contexts_do_not_make_the_engine_load_in_turns() throws Exception {
    wait(chat(CHAT, 4_096));
    var coming = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < 30; i++) {
      coming.add(chat(CHAT, new int[] {0, 1_024, 2_048, 4_096, 16_384}[i % 5]));
    }
    for (var each : coming) {
      assertThat(wait(each).statusCode()).isEqualTo(200);
    }
    assertThat(paced.stats().loads()).isEqualTo(2);
    assertThat(why(wait(chat(CHAT, 1_024)))).endsWith("; context 16384 as loaded, not 1024");
    assertThat(why(wait(chat("sim/pinned", 32_768))))
        .endsWith("; context 8192 by the settings, not 32768");
  }

  @Test
  @DisplayName("T28 a model is in ps under its tagged name with the context it was loaded with")
  void a_loaded_model_is_in_ps_and_an_empty_request_takes_it_out() throws Exception {
    String load = "{\"model\":\"" + CHAT + "\",\"options\":{\"num_ctx\":12000},\"keep_alive\":-1}";
    JsonNode loaded = JSON.readTree(send("POST", "/api/generate", load).body());
    assertThat(loaded.path("done_reason").asString("")).isEqualTo("load");
    Eventually.until("the model in ps", SOON, () -> ps().size() == 1);
    JsonNode model = ps().get(0);
    assertThat(model.path("name").asString("")).isEqualTo(CHAT + ":latest");
    assertThat(model.path("context_length").asInt()).isEqualTo(12_000);
    assertThat(model.path("nodes").toString()).isEqualTo("[\"bob\"]");
    String unload = "{\"model\":\"" + CHAT + "\",\"keep_alive\":0}";
    JsonNode gone = JSON.readTree(send("POST", "/api/chat", unload).body());
    assertThat(gone.path("done_reason").asString("")).isEqualTo("unload");
    Eventually.until("nothing in ps", SOON, () -> ps().isEmpty());
  }

  private JsonNode ps() {
    try {
      return JSON.readTree(send("GET", "/api/ps", "").body()).path("models");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
