package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `x-tutti-privacy: local` from the header to the engine that is not asked.
class PrivacyTest {
  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend("home/ollama", Health.UP, Fleets.model("m", "d")),
              Fleets.of(
                  Fleets.backend(
                      "sky/anthropic", Health.UP, Fleets.model("m", ""), Fleets.model("far", "")),
                  BackendKind.ANTHROPIC)));

  @AfterEach
  void close() {
    rig.close();
  }

  private static String chat(String model) {
    return "{\"model\":\""
        + model
        + "\",\"max_tokens\":5,\"stream\":false,"
        + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  }

  @ParameterizedTest
  @CsvSource({"/v1/chat/completions", "/api/chat", "/v1/messages"})
  void what_stays_at_home_is_refused_where_only_the_cloud_could_do_it(String path) {
    var answer = rig.post(path, chat("far"), "x-tutti-privacy", "local");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    assertThat(answer.body())
        .contains("sky/anthropic: in the cloud, and the request stays at home")
        .contains("x-tutti-privacy: local");
    assertThat(answer.headers().firstValue("x-should-retry")).contains("false");
    assertThat(rig.engine("sky/anthropic").plays).isEmpty();
  }

  @Test
  void what_stays_at_home_is_not_even_counted_elsewhere() {
    var answer = rig.post("/v1/messages/count_tokens", chat("far"), "x-tutti-privacy", "local");
    assertThat(answer.statusCode()).as("counted by the hub").isEqualTo(200);
    assertThat(rig.engine("sky/anthropic").plays).isEmpty();
  }

  @Test
  void without_the_wish_the_cloud_does_what_only_it_can() {
    rig.engine("sky/anthropic")
        .script(play -> {
          play.say("hello");
          play.finish();
        });
    for (String privacy : List.of("any", "")) {
      var answer =
          privacy.isEmpty()
              ? rig.post("/v1/chat/completions", chat("far"))
              : rig.post("/v1/chat/completions", chat("far"), "x-tutti-privacy", privacy);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.headers().firstValue("x-tutti-why").orElse("")).contains("; cloud");
    }
  }

  @Test
  void an_explanation_names_the_pool_and_who_is_passed_over() {
    var answer = rig.get("/mesh/v1/routes/explain?model=m", "x-tutti-privacy", "local");
    JsonNode places = JsonMapper.shared().readTree(answer.body()).path("places");
    assertThat(places.path(0).path("backend").asString("")).isEqualTo("home/ollama");
    assertThat(places.path(0).path("pool").asString("")).isEqualTo("preferred");
    assertThat(places.path(1).path("backend").asString("")).isEqualTo("sky/anthropic");
    assertThat(places.path(1).path("pool").asString("?")).isEmpty();
    assertThat(places.path(1).path("why").asString("")).contains("x-tutti-privacy: local");
  }

  @Test
  void work_that_nobody_waits_for_keeps_the_wish() {
    var list = rig.longer.list();
    Rig.await(rig.onOwner(() -> list.recover().thenAccept(list::begin)));
    var task = "{\"endpoint\":\"/v1/chat/completions\",\"body\":" + chat("far") + "}";
    var submitted = rig.post("/mesh/v1/tasks", task, "x-tutti-privacy", "local");
    String id = JsonMapper.shared().readTree(submitted.body()).path("task_id").asString("");
    assertThat(submitted.statusCode()).as(submitted.body()).isBetween(200, 202);
    Eventually.until(
        "it was tried",
        Duration.ofSeconds(10),
        () -> rig.get("/mesh/v1/tasks/" + id).body().contains("\"attempts\":1"));
    assertThat(rig.engine("sky/anthropic").plays).isEmpty();
    var anyway = rig.post("/mesh/v1/tasks", task, "x-tutti-privacy", "any");
    assertThat(anyway.statusCode()).as(anyway.body()).isBetween(200, 202);
    Eventually.until(
        "the other one is there",
        Duration.ofSeconds(10),
        () -> rig.engine("sky/anthropic").plays.size() == 1);
  }
}
