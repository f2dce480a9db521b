package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What clients are told of the queue: at once, while they wait, and afterwards.
class QueueTellingTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofMillis(20);
  private static final int ENOUGH = 30;
  private static final String CHAT =
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
          + "\"stream\":false}";

  private final Rig rig =
      new Rig(Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))));

  @AfterEach
  void close() {
    rig.close();
  }

  private CompletableFuture<HttpResponse<String>> posting(String path, String... headers) {
    HttpRequest.Builder request = rig.request(path).POST(HttpRequest.BodyPublishers.ofString(CHAT));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return rig.http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode queue(String... headers) {
    return JsonMapper.shared().readTree(rig.get("/mesh/v1/queue", headers).body());
  }

  private void awaitLength(int length, String... headers) {
    Eventually.until(
        "the queue has " + length, SOON, () -> queue(headers).path("length").asInt(-1) == length);
  }

  @Test
  @DisplayName("Each key sees where it stands, and of other keys' tasks no more than that")
  void keys_see_their_own_tasks() {
    rig.needKeys(TestKeys.user("ann"), TestKeys.user("bob"), TestKeys.owner("carl"));
    String[] ann = {"authorization", TestKeys.bearer("ann")};
    String[] bob = {"authorization", TestKeys.bearer("bob")};
    String[] carl = {"authorization", TestKeys.bearer("carl")};
    var running = posting("/v1/chat/completions", ann);
    Eventually.until("it runs", SOON, () -> rig.plays() == 1);
    var first = posting("/v1/chat/completions", bob);
    awaitLength(1, ann);
    var second = posting("/v1/chat/completions", ann);
    awaitLength(2, ann);
    JsonNode seen = queue(ann);
    assertThat(seen.path("overloaded").asBoolean(true)).isFalse();
    assertThat(seen.path("bands").path(1).path("waiting").asInt(0)).isEqualTo(2);
    assertThat(seen.path("bands").path(1).path("bytes").asInt(0)).isEqualTo(2 * CHAT.length());
    JsonNode others = seen.path("waiting").path(0);
    JsonNode own = seen.path("waiting").path(1);
    assertThat(others.has("task_id") || others.has("principal") || others.has("model")).isFalse();
    assertThat(others.path("position").asInt(0)).isEqualTo(1);
    assertThat(others.path("band").asString("")).isEqualTo("interactive");
    assertThat(others.path("queued_ms").isNumber()).isTrue();
    assertThat(own.path("task_id").asString("")).startsWith("t-");
    assertThat(own.path("wait_p50_ms").asLong(0)).isPositive();
    assertThat(own.path("wait_p90_ms").asLong(0))
        .isGreaterThanOrEqualTo(own.path("wait_p50_ms").asLong(0));
    JsonNode task =
        JsonMapper.shared()
            .readTree(rig.get("/mesh/v1/tasks/" + own.path("task_id").asString(""), ann).body());
    assertThat(task.path("position").asInt(0)).isEqualTo(2);
    assertThat(task.has("wait_p50_ms")).isTrue();
    assertThat(queue(carl).path("waiting").path(0).path("principal").asString("")).isEqualTo("bob");
    var answers = List.of(running, first, second);
    for (int i = 0; i < answers.size(); i++) {
      int before = rig.plays();
      rig.engine("eve/ollama").plays.get(before - 1).sayNow("hello");
      rig.engine("eve/ollama").plays.get(before - 1).finishNow();
      HttpResponse<String> got = Rig.await(answers.get(i));
      assertThat(got.statusCode()).isEqualTo(200);
      assertThat(got.headers().firstValue("x-tutti-wait-p50-ms").isPresent()).isEqualTo(i > 0);
      assertThat(got.headers().firstValue("x-tutti-wait-p90-ms").isPresent()).isEqualTo(i > 0);
    }
  }

  @Test
  @DisplayName("Who would wait too long is refused at once, in each dialect's own shape")
  void refused_on_arrival() {
    FakeEngine engine = rig.engine("eve/ollama");
    engine.script(play ->
        rig.time.after(
            ANSWER,
            () -> {
              play.say("hello");
              play.finish();
            }));
    var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < ENOUGH; i++) {
      answers.add(posting("/v1/chat/completions"));
    }
    answers.forEach(Rig::await);
    engine.script(_ -> {});
    var held = posting("/v1/chat/completions");
    Eventually.until("it runs", SOON, () -> rig.plays() == ENOUGH + 1);
    // How fast it answers can be seen now.
    engine.plays.getLast().sayNow("one");
    engine.plays.getLast().sayNow("two");
    Map<String, Integer> status =
        Map.of("/v1/chat/completions", 503, "/api/chat", 503, "/v1/messages", 529);
    status.forEach((path, code) -> {
      HttpResponse<String> refused = Rig.await(posting(path, "x-tutti-ttl-ms", "1"));
      assertThat(refused.statusCode()).isEqualTo(code);
      assertThat(refused.body())
          .contains("\"error\"")
          .contains("for longer than the request would wait");
      assertThat(refused.headers().firstValueAsLong("retry-after").orElse(0)).isPositive();
      assertThat(refused.headers().firstValueAsLong("x-tutti-estimated-wait-ms").orElse(0))
          .isPositive();
      assertThat(refused.headers().firstValue("x-tutti-task")).isPresent();
    });
    assertThat(held).isNotDone();
  }
}
