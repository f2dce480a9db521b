package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.dialects.Json;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Tasks whose client does not wait, files and batches, over HTTP.
final class LongerWorkTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private Rig rig;

  @BeforeEach
  void begin() {
    rig = new Rig(Fleets.fleet(Fleets.backend("bob/ollama", Health.UP, Fleets.model("m", "d1"))));
    var list = rig.longer.list();
    Rig.await(rig.onOwner(() -> list.recover().thenAccept(list::begin)));
  }

  @AfterEach
  void end() {
    rig.close();
  }

  private void answering() {
    rig.engine("bob/ollama")
        .script(play -> {
          play.say("hello");
          play.finish();
        });
  }

  private static JsonNode json(String text) {
    return Json.read(text.getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode submit(String endpoint, String body) {
    HttpResponse<String> taken =
        rig.post("/mesh/v1/tasks", "{\"endpoint\":\"" + endpoint + "\",\"body\":" + body + "}");
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
    JsonNode task = json(taken.body());
    assertThat(taken.headers().firstValue("x-tutti-task"))
        .hasValue(task.path("task_id").asString());
    return task;
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, 'messages'",
    "/api/chat, 'messages'",
    "/v1/responses, 'input'",
    "/v1/messages, 'messages'"
  })
  void a_result_is_what_the_endpoint_would_have_answered(String endpoint, String field) {
    answering();
    String extra = endpoint.equals("/v1/messages") ? ",\"max_tokens\":9" : "";
    String body =
        "{\"model\":\"m\",\"" + field + "\":[{\"role\":\"user\",\"content\":\"hi\"}]" + extra;
    String direct = rig.post(endpoint, body + ",\"stream\":false}").body();

    String id = submit(endpoint, body + "}").path("task_id").asString();
    JsonNode task = json(rig.get("/mesh/v1/tasks/" + id + "?wait_ms=10000").body());
    HttpResponse<String> result = rig.get("/mesh/v1/tasks/" + id + "/result");

    assertThat(task.path("state").asString()).isEqualTo("done");
    assertThat(result.statusCode()).isEqualTo(200);
    assertThat(alike(result.body())).isEqualTo(alike(direct));
    assertThat(task.path("result")).isEqualTo(json(result.body()));
  }

  /// Without what is another each time.
  private static String alike(String answer) {
    return answer.replaceAll(
        "\"(id|created|created_at|completed_at|total_duration)\":(\"[^\"]*\"|[0-9]+)", "\"$1\":0");
  }

  @Test
  void the_states_of_a_task_are_told_until_the_last_one() {
    String id = submit("/v1/chat/completions", CHAT).path("task_id").asString();
    var events =
        rig.http.sendAsync(
            rig.request("/mesh/v1/tasks/" + id + "/events").build(),
            HttpResponse.BodyHandlers.ofString());
    Eventually.until("it has begun", SOON, () -> rig.plays() == 1);
    assertThat(rig.get("/mesh/v1/tasks/" + id + "/result").statusCode()).isEqualTo(202);
    JsonNode running = json(rig.get("/mesh/v1/tasks?state=running").body());
    assertThat(running.path("tasks").get(0).path("task_id").asString()).isEqualTo(id);
    assertThat(json(rig.get("/mesh/v1/tasks").body()).path("tasks").get(0).path("task_id"))
        .isEqualTo(running.path("tasks").get(0).path("task_id"));
    rig.engine("bob/ollama").plays.getFirst().sayNow("hello");
    rig.engine("bob/ollama").plays.getFirst().finishNow();

    assertThat(Rig.await(events).body()).contains("\"state\":\"done\"").endsWith("\n\n");
  }

  @Test
  void a_cancelled_task_leaves_its_engine_and_has_no_answer() {
    String id = submit("/v1/chat/completions", CHAT).path("task_id").asString();
    Eventually.until("it has begun", SOON, () -> rig.plays() == 1);

    HttpResponse<String> cancelled = rig.send(rig.request("/mesh/v1/tasks/" + id).DELETE());

    assertThat(json(cancelled.body()).path("state").asString()).isEqualTo("cancelled");
    assertThat(rig.engine("bob/ollama").plays.getFirst().cancelled).isTrue();
    assertThat(rig.get("/mesh/v1/tasks/" + id + "/result").statusCode()).isEqualTo(499);
  }

  @Test
  void longer_work_lets_everybody_else_go_first() {
    submit("/v1/chat/completions", CHAT);
    Eventually.until("it has begun", SOON, () -> rig.plays() == 1);
    submit("/v1/chat/completions", CHAT);
    Eventually.until(
        "the second waits", SOON, () -> rig.get("/mesh/v1/queue").body().contains("\"length\":1"));
    var impatient =
        rig.http.sendAsync(
            rig.request("/v1/chat/completions")
                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    Eventually.until(
        "both wait", SOON, () -> rig.get("/mesh/v1/queue").body().contains("\"length\":2"));
    answering();
    rig.engine("bob/ollama").plays.getFirst().finishNow();

    assertThat(Rig.await(impatient).statusCode()).isEqualTo(200);
    assertThat(rig.engine("bob/ollama").plays.get(1).task.priority()).isEqualTo(5);
  }

  private String upload(String content) {
    HttpResponse<String> answer =
        rig.post(
            "/v1/files",
            "--X\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--X\r\n"
                + "content-disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n\r\n"
                + content
                + "\r\n--X--\r\n",
            "content-type",
            "multipart/form-data; boundary=X");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer.body()).path("id").asString();
  }

  private JsonNode batch(String file) {
    HttpResponse<String> answer =
        rig.post(
            "/v1/batches",
            "{\"input_file_id\":\""
                + file
                + "\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\","
                + "\"metadata\":{\"k\":\"v\"}}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    String id = json(answer.body()).path("id").asString();
    Eventually.until(
        "the batch has ended",
        SOON,
        () -> rig.get("/v1/batches/" + id).body().matches(".*\"(completed|failed|cancelled)_at.*"));
    return json(rig.get("/v1/batches/" + id).body());
  }

  private static String line(String id, String body) {
    return "{\"custom_id\":\""
        + id
        + "\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
        + body
        + "}\n";
  }

  @Test
  void a_batch_answers_each_line_once() {
    answering();
    String bad = "{\"model\":\"m\",\"messages\":7}";

    JsonNode batch = batch(upload(line("a", CHAT) + line("b", bad) + line("c", CHAT)));

    assertThat(batch.path("status").asString()).isEqualTo("completed");
    assertThat(batch.path("request_counts"))
        .isEqualTo(json("{\"total\":3,\"completed\":2,\"failed\":1}"));
    assertThat(batch.path("metadata").path("k").asString()).isEqualTo("v");
    List<JsonNode> good = output(batch.path("output_file_id").asString());
    assertThat(good)
        .extracting(each -> each.path("custom_id").asString())
        .containsExactly("a", "c");
    assertThat(good.getFirst().path("response").path("status_code").intValue()).isEqualTo(200);
    assertThat(good.getFirst().path("response").path("body").path("object").asString())
        .isEqualTo("chat.completion");
    List<JsonNode> wrong = output(batch.path("error_file_id").asString());
    assertThat(wrong).hasSize(1);
    assertThat(wrong.getFirst().path("response").path("status_code").intValue()).isEqualTo(400);
    assertThat(json(rig.get("/v1/files?purpose=batch_output").body()).path("data").size())
        .isEqualTo(2);
    assertThat(json(rig.get("/v1/batches?limit=1").body()).path("has_more").asBoolean()).isFalse();
  }

  private List<JsonNode> output(String file) {
    return rig.get("/v1/files/" + file + "/content")
        .body()
        .lines()
        .map(LongerWorkTest::json)
        .toList();
  }

  @Test
  void a_file_that_cannot_be_used_says_which_lines_are_wrong() {
    JsonNode batch = batch(upload(line("a", CHAT) + "no json\n" + line("a", CHAT)));

    assertThat(batch.path("status").asString()).isEqualTo("failed");
    JsonNode errors = batch.path("errors").path("data");
    assertThat(errors.get(0).path("code").asString()).isEqualTo("invalid_json_line");
    assertThat(errors.get(0).path("line").intValue()).isEqualTo(2);
    assertThat(errors.get(1).path("code").asString()).isEqualTo("duplicate_custom_id");
    assertThat(errors.get(1).path("line").intValue()).isEqualTo(3);
  }

  @Test
  void everybody_sees_what_is_his_and_an_administrator_everything() {
    rig.needKeys(TestKeys.user("ann"), TestKeys.user("ben"), TestKeys.owner("root"));
    String id =
        json(rig.post(
                    "/mesh/v1/tasks",
                    "{\"endpoint\":\"/v1/chat/completions\",\"body\":" + CHAT + "}",
                    "x-api-key",
                    TestKeys.token("ann"))
                .body())
            .path("task_id")
            .asString();
    Eventually.until("it has begun", SOON, () -> rig.plays() == 1);

    assertThat(rig.get("/mesh/v1/tasks/" + id, "x-api-key", TestKeys.token("ann")).body())
        .contains("endpoint");
    assertThat(
            rig.get("/mesh/v1/tasks/" + id + "/result", "x-api-key", TestKeys.token("ben"))
                .statusCode())
        .isEqualTo(404);
    assertThat(rig.get("/mesh/v1/tasks?state=all", "x-api-key", TestKeys.token("ben")).body())
        .doesNotContain(id);
    assertThat(rig.get("/mesh/v1/tasks?state=all", "x-api-key", TestKeys.token("root")).body())
        .contains(id);
    assertThat(
            rig.send(
                    rig.request("/mesh/v1/tasks/" + id)
                        .header("x-api-key", TestKeys.token("ben"))
                        .DELETE())
                .statusCode())
        .isEqualTo(404);
  }
}
