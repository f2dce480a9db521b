package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MeshApiTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String STREAM =
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend(
                  "eve/ollama",
                  Health.UP,
                  Fleets.model("m", "d"),
                  Fleets.loaded("hf.co/a/b:Q4", "2026-01-01T00:00:00Z")),
              Fleets.backend("sim/paced", Health.UP, true, Fleets.model("sim/x", "")),
              Fleets.backend("tom/ollama", Health.DOWN, Fleets.model("gone", "d")),
              Fleets.backend("zoe/ollama", Health.UP, Fleets.embedder("nomic"))));

  @AfterEach
  void close() {
    rig.close();
  }

  private JsonNode json(String path) {
    HttpResponse<String> answer = rig.get(path);
    assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  @Test
  void nodes_are_told_in_the_capability_schema() {
    JsonNode node = json("/mesh/v1/nodes").get("nodes").get(0);
    assertThat(node.get("node_id").stringValue()).isEqualTo("eve");
    assertThat(node.get("host").stringValue()).isEqualTo("192.168.1.10");
    assertThat(node.get("port").intValue()).isEqualTo(11434);
    assertThat(node.get("status").stringValue()).isEqualTo("idle");
    assertThat(node.get("active_tasks").intValue()).isZero();
    assertThat(node.get("models").get(1).get("name").stringValue()).isEqualTo("m");
    assertThat(node.get("models").get(1).get("type").stringValue()).isEqualTo("text");
    assertThat(node.get("models").get(1).get("size_gb").doubleValue()).isEqualTo(4.0);
    JsonNode hardware = node.get("hardware");
    assertThat(hardware.get("ram_total_gb").doubleValue()).isEqualTo(16.0);
    assertThat(hardware.get("ram_free_gb").doubleValue()).isEqualTo(6.2);
    assertThat(hardware.get("has_gpu").booleanValue()).isTrue();
    assertThat(hardware.get("gpu_vram_gb").isNull()).isTrue();
    assertThat(node.get("clock_ahead_s").isNull()).isTrue();
    assertThat(node.get("role").stringValue()).isEqualTo("llm_worker");
    assertThat(json("/mesh/v1/nodes/sim").get("simulated").booleanValue()).isTrue();
    assertThat(json("/mesh/v1/nodes/tom").get("status").stringValue()).isEqualTo("offline");
  }

  @Test
  void a_running_task_shows_everywhere_and_can_be_cancelled() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", STREAM);
      Eventually.until(
          "the attempt", Duration.ofSeconds(5), () -> rig.engine("eve/ollama").plays.size() == 1);
      assertThat(json("/mesh/v1/nodes/eve").get("status").stringValue()).isEqualTo("busy");
      assertThat(json("/mesh/v1/backends/eve/ollama").get("active_tasks").intValue()).isEqualTo(1);
      JsonNode task = json("/mesh/v1/tasks").get("tasks").get(0);
      assertThat(task.get("state").stringValue()).isEqualTo("running");
      String id = task.get("task_id").stringValue();
      assertThat(json("/mesh/v1/tasks/" + id).get("running").get("node").stringValue())
          .isEqualTo("eve");
      assertThat(rig.get("/metrics").body())
          .contains("tutti_attempts_active{backend=\"eve/ollama\"} 1.0");

      HttpResponse<String> cancelled = rig.send(rig.request("/mesh/v1/tasks/" + id).DELETE());
      assertThat(cancelled.statusCode()).isEqualTo(200);
      assertThat(client.until("\"error\"")).startsWith("HTTP/1.1 499");
      assertThat(rig.engine("eve/ollama").plays.getFirst().cancelled).isTrue();
      assertThat(json("/mesh/v1/tasks/" + id).get("failure").get("code").stringValue())
          .isEqualTo("cancelled");
    }
  }

  @Test
  void the_queue_is_told_in_order() {
    try (var first = new RawClient(rig.port());
        var second = new RawClient(rig.port())) {
      first.post("/v1/chat/completions", STREAM);
      second.post("/v1/chat/completions", STREAM, "x-tutti-priority: 7");
      Eventually.until(
          "the queue",
          Duration.ofSeconds(5),
          () -> json("/mesh/v1/queue").get("length").intValue() == 1);
      assertThat(json("/mesh/v1/queue").get("waiting").get(0).get("position").intValue())
          .isEqualTo(1);
    }
  }

  @Test
  void the_lists_of_models_agree_and_leave_out_what_is_down() {
    JsonNode openAi = json("/v1/models").get("data");
    assertThat(openAi.valueStream().map(each -> each.get("id").stringValue()))
        .containsExactly("hf.co/a/b:Q4", "m", "nomic", "sim/x", "auto");
    JsonNode tags = json("/api/tags").get("models");
    assertThat(tags.valueStream().map(each -> each.get("name").stringValue()))
        .containsExactly("hf.co/a/b:Q4", "m:latest", "nomic:latest", "sim/x:latest");
    assertThat(tags.valueStream().map(each -> each.get("digest").stringValue().length() > 0))
        .containsOnly(true);
    JsonNode mesh = json("/mesh/v1/models").get("models");
    assertThat(mesh.valueStream().map(each -> each.get("name").stringValue()))
        .containsExactly("hf.co/a/b:Q4", "m", "nomic", "sim/x");
    assertThat(mesh.get(3).get("simulated").booleanValue()).isTrue();
    assertThat(json("/api/ps").get("models").valueStream().map(e -> e.get("name").stringValue()))
        .containsExactly("hf.co/a/b:Q4");
  }

  @Test
  void one_model_is_found_by_every_spelling_of_its_name() {
    assertThat(json("/v1/models/hf.co/a/b:Q4").get("id").stringValue()).isEqualTo("hf.co/a/b:Q4");
    assertThat(json("/v1/models/hf.co%2Fa%2Fb:Q4").get("id").stringValue())
        .isEqualTo("hf.co/a/b:Q4");
    assertThat(json("/v1/models/m:latest").get("id").stringValue()).isEqualTo("m:latest");
    assertThat(rig.post("/api/show", "{\"model\":\"m\"}").body()).contains("\"capabilities\"");
    assertThat(rig.post("/api/show", "{\"name\":\"auto\"}").statusCode()).isEqualTo(200);
    assertThat(rig.post("/api/show", "{\"model\":\"gone\"}").statusCode()).isEqualTo(503);
    assertThat(rig.post("/api/show", "{\"model\":\"never\"}").statusCode()).isEqualTo(404);
  }

  @Test
  void a_route_is_explained_and_nothing_starts() {
    JsonNode route = json("/mesh/v1/routes/explain?model=m");
    assertThat(route.get("strategy").stringValue()).isEqualTo("echo");
    assertThat(route.get("places").get(0).get("backend").stringValue()).isEqualTo("eve/ollama");
    assertThat(route.get("places").get(0).get("rank").intValue()).isEqualTo(1);
    JsonNode embed = json("/mesh/v1/routes/explain?model=auto&type=embed");
    assertThat(embed.get("places").get(0).get("backend").stringValue()).isEqualTo("zoe/ollama");
    assertThat(embed.get("found").stringValue())
        .isEqualTo("type embed by the client; usual by default");
    JsonNode hard = json("/mesh/v1/routes/explain?model=auto:code&difficulty=hard");
    assertThat(hard.get("type").stringValue()).isEqualTo("code");
    assertThat(hard.get("difficulty").stringValue()).isEqualTo("hard");
    assertThat(hard.get("found").stringValue())
        .isEqualTo("type code by model name; hard by the client");
    assertThat(rig.get("/mesh/v1/routes/explain?difficulty=odd").statusCode()).isEqualTo(400);
    assertThat(json("/mesh/v1/routes/explain?model=never").get("refusal").get("code").stringValue())
        .isEqualTo(FailureCode.NOT_FOUND.name().toLowerCase(java.util.Locale.ROOT));
    assertThat(rig.engine("eve/ollama").plays).isEmpty();
  }

  @Test
  void commands_reach_the_administration() {
    rig.post("/mesh/v1/backends", "{\"url\":\"http://10.0.0.7:8000\",\"slots\":2}");
    rig.send(rig.request("/mesh/v1/backends/eve/ollama").DELETE());
    rig.post("/mesh/v1/backends/eve%2Follama/probe", "");
    rig.post("/mesh/v1/nodes/eve/drain", "");
    rig.post("/mesh/v1/nodes/eve/resume", "");
    rig.post("/mesh/v1/invites", "{\"name\":\"new\",\"role\":\"full_worker\"}");
    rig.post("/mesh/v1/discover", "");
    rig.post(
        "/api/heartbeat",
        "{\"node_id\":\"eve\",\"ip\":\"UNKNOWN\",\"timestamp\":\"2026-01-01T00:00:00Z\"}");
    rig.post("/api/heartbeat", "{\"node_id\":\"eve\",\"ip\":\"10.0.0.9\"}");
    assertThat(rig.admin.commands)
        .containsExactly(
            "add http://10.0.0.7:8000 OptionalInt[2] Optional.empty",
            "remove eve/ollama",
            "probe eve/ollama",
            "drain eve",
            "resume eve",
            "invite new full_worker",
            "discover",
            "heartbeat eve ?",
            "heartbeat eve 10.0.0.9");
  }

  @Test
  void what_changes_the_mesh_is_written_down_with_who_and_how_it_ended() {
    rig.post("/mesh/v1/backends", "{\"url\":\"http://user:secret@10.0.0.7:8000/x?key=secret\"}");
    rig.send(rig.request("/mesh/v1/backends/eve/ollama").DELETE());
    rig.post("/mesh/v1/backends/eve%2Follama/probe", "");
    rig.post("/mesh/v1/nodes/eve/drain", "");
    rig.post("/mesh/v1/nodes/eve/approve", "");
    rig.send(rig.request("/mesh/v1/nodes/eve").DELETE());
    rig.post("/mesh/v1/invites", "{\"name\":\"new\",\"role\":\"full_worker\"}");
    rig.post("/mesh/v1/models/placement", "");
    assertThat(rig.audited)
        .extracting(entry ->
            entry.action().wireName()
                + " "
                + entry.target()
                + " "
                + entry.outcome()
                + " "
                + entry.details())
        .containsExactly(
            "backend.add url:http://10.0.0.7:8000 DONE {}",
            "backend.remove backend:eve/ollama DONE {}",
            "node.drain node:eve DONE {}",
            "node.approve node:eve REFUSED {why=it does not wait}",
            "node.remove node:eve FAILED {}",
            "node.invite node:new DONE {}",
            "model.place  DONE {}");
    assertThat(rig.audited).allMatch(entry -> entry.actor().from().equals("127.0.0.1"));
  }

  @Test
  void without_a_signed_head_there_is_none_to_keep() {
    assertThat(rig.get("/mesh/v1/audit/head").statusCode()).isEqualTo(404);
    assertThat(json("/mesh/v1/status").get("trouble").isEmpty()).isTrue();
  }

  @Test
  void a_registration_is_read_as_provisioning_sends_it() {
    HttpResponse<String> answer =
        rig.post(
            "/api/register",
            """
            {"node_id":"eve","display_name":"Eve","role":"full_worker","ip":"10.0.0.9",
             "hostname":"eve.local","services":{"ollama":true,"ollama_port":11434,"docker":true,
             "harpa":false},"registered_at":"2026-01-01T00:00:00Z"}\
            """);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(rig.admin.commands.getFirst())
        .contains(
            "displayName=Eve", "role=FULL_WORKER", "Optional[10.0.0.9]", "OptionalInt[11434]");
  }

  @Test
  void a_command_that_fails_says_why_and_a_fault_of_ours_says_nothing() {
    HttpResponse<String> refused = rig.post("/mesh/v1/nodes/eve/approve", "");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .isEqualTo("{\"error\":{\"code\":\"invalid_request\",\"message\":\"it does not wait\"}}");
    HttpResponse<String> fault = rig.send(rig.request("/mesh/v1/nodes/eve").DELETE());
    assertThat(fault.statusCode()).isEqualTo(500);
    assertThat(fault.body()).doesNotContain("secret");
  }

  @Test
  void the_root_greets_clients_and_browsers_each_in_their_way() {
    assertThat(rig.get("/").body()).isEqualTo("Ollama is running");
    HttpResponse<String> head =
        rig.send(rig.request("/").method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("content-length")).hasValue("17");
    HttpResponse<String> page = rig.send(rig.request("/").header("accept", "text/html,*/*").GET());
    assertThat(page.body()).contains("<h1>Tutti</h1>").contains("SIMULATED");
    assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
        .contains("default-src 'none'");
    assertThat(json("/api/version").get("version").stringValue()).isEqualTo("0.33.0");
  }

  @Test
  void the_vitals_tell_alive_from_ready() {
    rig.ready = false;
    assertThat(rig.get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
    assertThat(rig.get("/health").headers().firstValue("date").orElse(""))
        .matches("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT");
    assertThat(rig.get("/ready").statusCode()).isEqualTo(503);
    assertThat(json("/mesh/v1/status").get("ready").booleanValue()).isFalse();
    rig.ready = true;
    assertThat(rig.get("/ready").statusCode()).isEqualTo(200);
    JsonNode status = json("/mesh/v1/status");
    assertThat(status.get("hub_id").stringValue()).isEqualTo("hub-1");
    assertThat(status.get("counts").get("backends_up").intValue()).isEqualTo(3);
    assertThat(status.get("counts").get("nodes").intValue()).isEqualTo(4);
    assertThat(rig.get("/metrics").body()).contains("tutti_backends_up 3.0");
  }

  @Test
  void with_a_key_every_surface_asks_for_it_in_its_own_shape() {
    rig.needKeys(TestKeys.owner("ann"));
    for (String path : new String[] {"/v1/models", "/api/tags", "/mesh/v1/nodes", "/metrics"}) {
      HttpResponse<String> refused = rig.get(path);
      assertThat(refused.statusCode()).as(path).isEqualTo(401);
      assertThat(refused.headers().firstValue("www-authenticate")).hasValue("Bearer");
      assertThat(JSON.readTree(refused.body()).has("error")).isTrue();
      for (String[] header :
          new String[][] {
            {"authorization", TestKeys.bearer("ann")}, {"x-api-key", TestKeys.token("ann")}
          }) {
        assertThat(rig.send(rig.request(path).header(header[0], header[1]).GET()).statusCode())
            .isEqualTo(200);
      }
      assertThat(rig.send(rig.request(path).header("x-api-key", "k-2").GET()).statusCode())
          .isEqualTo(401);
    }
    assertThat(rig.get("/health").statusCode()).isEqualTo(200);
    for (String path : new String[] {"/ready", "/", "/api/health"}) {
      assertThat(rig.get(path).statusCode()).as(path).isEqualTo(401);
    }
  }
}
