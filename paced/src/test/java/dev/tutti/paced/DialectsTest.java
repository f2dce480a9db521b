package dev.tutti.paced;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

final class DialectsTest {
  private static final String TOOLS =
      "'tools':[{'type':'function','function':{'name':'get_weather','parameters':{'type':'object',"
          + "'properties':{'city':{'type':'string'}},'required':['city']}}}]";
  private static final List<PacedModel> MODELS =
      List.of(
          PacedModel.parse("sim/words:8b"),
          PacedModel.parse("sim/deep:think"),
          PacedModel.parse("sim/vectors:embed"));

  private final Vertx vertx = Vertx.vertx();
  private Caller caller = start(EngineKind.OLLAMA, Pace.of(1e6, 2_000));

  @AfterEach
  void stop() {
    caller.close();
    vertx.close().await();
  }

  private Caller start(EngineKind kind, Pace pace) {
    var profile = PaceProfile.of("bob", kind, MODELS).withPace(pace).withAnswerTokens(12);
    return Caller.of(PacedEngine.start(vertx, profile).await());
  }

  private void restart(EngineKind kind) {
    caller.close();
    caller = start(kind, Pace.of(1e6, 2_000));
  }

  @Test
  void an_ollama_chat_streams_lines_and_ends_with_counts_and_durations_of_its_pace() {
    HttpResponse<String> response =
        caller.post(
            "/api/chat", "{'model':'sim/words:8b','messages':[{'role':'user','content':'Hi'}]}");
    assertThat(response.headers().firstValue("content-type")).contains("application/x-ndjson");
    List<JsonNode> lines = Caller.lines(response);
    assertThat(lines).hasSize(13);
    assertThat(lines)
        .allSatisfy(line -> assertThat(line.path("created_at").asString()).endsWith("Z"));
    assertThat(Caller.texts(lines, "/message/content").collect(Collectors.joining()))
        .startsWith("This answer is simulated by bob. ");
    JsonNode last = lines.getLast();
    assertThat(last.path("done_reason").asString()).isEqualTo("stop");
    assertThat(last.path("eval_count").asInt()).isEqualTo(12);
    assertThat(last.path("eval_duration").asLong()).isGreaterThanOrEqualTo(6_000_000);
    assertThat(last.path("total_duration").asLong())
        .isGreaterThanOrEqualTo(last.path("eval_duration").asLong());
  }

  @Test
  void an_anthropic_message_has_the_form_that_was_asked_for() {
    restart(EngineKind.ANTHROPIC);
    String ask =
        "{'model':'sim/words:8b','max_tokens':90,'messages':[{'role':'user','content':'Where?'}],"
            + "'output_config':{'format':{'type':'json_schema','schema':{'type':'object',"
            + "'properties':{'city':{'type':'string'}},'required':['city']}}}}";
    JsonNode answer = caller.json(caller.post("/v1/messages", ask));
    assertThat(answer.at("/content/0/text").asString()).isEqualTo("{\"city\":\"Paris\"}");
  }

  @Test
  void the_same_question_gets_the_same_answer_and_another_seed_another() {
    String ask = "{'model':'sim/words:8b','prompt':'Why?','stream':false,'options':{'seed':%s}}";
    String first = caller.json(caller.post("/api/generate", ask.formatted(1))).toString();
    assertThat(caller.json(caller.post("/api/generate", ask.formatted(1))).path("response"))
        .isEqualTo(Caller.JSON.readTree(first).path("response"));
    assertThat(caller.json(caller.post("/api/generate", ask.formatted(2))).path("response"))
        .isNotEqualTo(Caller.JSON.readTree(first).path("response"));
  }

  @Test
  void an_ollama_tool_loop_calls_once_and_ends_in_text() {
    String ask =
        "{'model':'sim/words:8b','messages':[{'role':'user','content':'Weather?'}]," + TOOLS + "}";
    List<JsonNode> lines = Caller.lines(caller.post("/api/chat", ask));
    JsonNode call = lines.get(lines.size() - 2).at("/message/tool_calls/0/function");
    assertThat(call.path("name").asString()).isEqualTo("get_weather");
    assertThat(call.path("arguments").toString()).isEqualTo("{\"city\":\"Paris\"}");
    assertThat(lines.getLast().path("done_reason").asString()).isEqualTo("stop");
    String result =
        "{'model':'sim/words:8b','stream':false,'messages':[{'role':'user','content':'Weather?'},"
            + "{'role':'tool','tool_name':'get_weather','content':'Sunny'}],"
            + TOOLS
            + "}";
    JsonNode answer = caller.json(caller.post("/api/chat", result));
    assertThat(answer.at("/message/content").asString()).startsWith("This answer is simulated");
    assertThat(answer.at("/message").has("tool_calls")).isFalse();
  }

  @Test
  void ollama_loads_shows_and_unloads_models() {
    assertThat(caller.get("/").body()).isEqualTo("Ollama is running");
    assertThat(caller.json(caller.get("/api/version")).path("version").asString())
        .endsWith("-simulated");
    assertThat(caller.json(caller.get("/api/tags")).path("models"))
        .extracting(model -> model.path("name").asString())
        .containsExactly("sim/words:8b", "sim/deep:latest", "sim/vectors:latest");
    assertThat(caller.json(caller.get("/api/ps")).path("models")).isEmpty();
    JsonNode loaded =
        caller.json(caller.post("/api/generate", "{'model':'sim/deep','keep_alive':'10m'}"));
    assertThat(loaded.path("done_reason").asString()).isEqualTo("load");
    JsonNode running = caller.json(caller.get("/api/ps")).path("models");
    assertThat(running).hasSize(1);
    assertThat(running.at("/0/details/family").asString()).isEqualTo("simulated");
    assertThat(running.at("/0/context_length").asInt()).isEqualTo(4096);
    JsonNode unloaded =
        caller.json(caller.post("/api/chat", "{'model':'sim/deep','messages':[],'keep_alive':0}"));
    assertThat(unloaded.path("done_reason").asString()).isEqualTo("unload");
    assertThat(caller.json(caller.get("/api/ps")).path("models")).isEmpty();
    JsonNode shown = caller.json(caller.post("/api/show", "{'model':'sim/deep'}"));
    assertThat(shown.path("capabilities").toString())
        .isEqualTo("[\"completion\",\"tools\",\"thinking\"]");
    assertThat(shown.at("/model_info/simulated.context_length").asInt()).isEqualTo(32_768);
  }

  @Test
  void thinking_comes_before_the_answer_when_the_model_thinks_and_is_refused_when_it_cannot() {
    String ask =
        "{'model':'%s','think':%s,'stream':false,'messages':[{'role':'user','content':'?'}]}";
    JsonNode thought = caller.json(caller.post("/api/chat", ask.formatted("sim/deep", true)));
    assertThat(thought.at("/message/thinking").asString()).isNotBlank();
    assertThat(thought.path("eval_count").asInt()).isEqualTo(12 + Script.THINKING_TOKENS);
    JsonNode plain = caller.json(caller.post("/api/chat", ask.formatted("sim/words:8b", false)));
    assertThat(plain.path("message").has("thinking")).isFalse();
    var refused = caller.post("/api/chat", ask.formatted("sim/words:8b", true));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(caller.json(refused).path("error").asString()).contains("does not support thinking");
  }

  @Test
  void embeddings_have_the_profiles_dimension_on_every_path() {
    JsonNode two =
        caller.json(caller.post("/api/embed", "{'model':'sim/vectors','input':['a','b']}"));
    assertThat(two.path("embeddings")).hasSize(2);
    assertThat(two.at("/embeddings/0")).hasSize(384);
    JsonNode none = caller.json(caller.post("/api/embed", "{'model':'sim/vectors','input':[]}"));
    assertThat(none.path("embeddings")).isEmpty();
    JsonNode old =
        caller.json(caller.post("/api/embeddings", "{'model':'sim/vectors','prompt':'a'}"));
    assertThat(old.path("embedding")).isEqualTo(two.at("/embeddings/0"));
    JsonNode openAi =
        caller.json(caller.post("/v1/embeddings", "{'model':'sim/vectors','input':'a'}"));
    assertThat(openAi.at("/data/0/embedding")).isEqualTo(two.at("/embeddings/0"));
    JsonNode base64 =
        caller.json(
            caller.post(
                "/v1/embeddings",
                "{'model':'sim/vectors','input':'a','encoding_format':'base64','dimensions':16}"));
    assertThat(base64.at("/data/0/embedding").asString())
        .isEqualTo(Vectors.base64(Vectors.of("a", 16)));
    assertThat(caller.post("/api/embed", "{'model':'sim/words:8b','input':'a'}").statusCode())
        .isEqualTo(501);
  }

  @Test
  void an_openai_chat_streams_role_deltas_finish_usage_and_done() {
    restart(EngineKind.LLAMA_SERVER);
    var response =
        caller.post(
            "/v1/chat/completions",
            "{'model':'sim/words:8b','stream':true,'stream_options':{'include_usage':true},"
                + "'max_tokens':5,'messages':[{'role':'user','content':'Hi'}]}");
    assertThat(response.body()).endsWith("data: [DONE]\n\n");
    List<JsonNode> events = Caller.events(response);
    assertThat(events.getFirst().at("/choices/0/delta/role").asString()).isEqualTo("assistant");
    assertThat(Caller.texts(events, "/choices/0/delta/content").collect(Collectors.joining()))
        .isEqualTo("This answer is simulated by");
    assertThat(Caller.texts(events, "/choices/0/finish_reason").filter(each -> !each.isEmpty()))
        .containsExactly("length");
    assertThat(events.stream().map(event -> event.path("id")).distinct()).hasSize(1);
    JsonNode last = events.getLast();
    assertThat(last.path("choices")).isEmpty();
    assertThat(last.at("/usage/completion_tokens").asInt()).isEqualTo(5);
    assertThat(last.at("/timings/predicted_n").asInt()).isEqualTo(5);
    assertThat(last.at("/timings/predicted_per_second").asDouble()).isLessThanOrEqualTo(2_000);
  }

  @Test
  void an_openai_tool_call_comes_in_fragments_that_add_up_and_finishes_as_tool_calls() {
    String ask =
        "{'model':'sim/words:8b','stream':%s,'messages':[{'role':'user','content':'?'}],"
            + TOOLS
            + "}";
    List<JsonNode> events = Caller.events(caller.post("/v1/chat/completions", ask.formatted(true)));
    assertThat(
            Caller.texts(events, "/choices/0/delta/tool_calls/0/function/arguments")
                .collect(Collectors.joining()))
        .isEqualTo("{\"city\":\"Paris\"}");
    assertThat(Caller.texts(events, "/choices/0/delta/tool_calls/0/id").filter(id -> !id.isEmpty()))
        .hasSize(1);
    assertThat(events.getLast().at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
    JsonNode whole = caller.json(caller.post("/v1/chat/completions", ask.formatted(false)));
    assertThat(whole.at("/choices/0/message/content").isNull()).isTrue();
    assertThat(whole.at("/choices/0/message/tool_calls/0/function/arguments").asString())
        .isEqualTo("{\"city\":\"Paris\"}");
  }

  @Test
  void completions_and_structured_output_work_in_the_openai_dialect() {
    JsonNode text =
        caller.json(caller.post("/v1/completions", "{'model':'sim/words:8b','prompt':'Once'}"));
    assertThat(text.at("/choices/0/text").asString()).startsWith("This answer is simulated");
    JsonNode form =
        caller.json(
            caller.post(
                "/v1/chat/completions",
                "{'model':'sim/words:8b','messages':[{'role':'user','content':'?'}],"
                    + "'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':"
                    + "{'type':'object','properties':{'ok':{'type':'boolean'}}}}}}"));
    assertThat(form.at("/choices/0/message/content").asString()).isEqualTo("{\"ok\":true}");
  }

  @Test
  void an_anthropic_message_streams_named_events_with_usage_at_both_ends() {
    restart(EngineKind.ANTHROPIC);
    String ask =
        "{'model':'sim/deep','max_tokens':100,'stream':true,'thinking':{'type':'enabled'},"
            + "'messages':[{'role':'user','content':'Hi'}]}";
    var response = caller.post("/v1/messages", ask);
    List<JsonNode> events = Caller.events(response);
    assertThat(response.body().lines().filter(line -> line.startsWith("event: ")))
        .hasSameSizeAs(events);
    assertThat(Caller.texts(events, "/type").distinct())
        .containsExactly(
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    assertThat(events.getFirst().at("/message/usage/input_tokens").asInt()).isPositive();
    assertThat(Caller.texts(events, "/delta/text").collect(Collectors.joining()))
        .startsWith("This answer is simulated by bob.");
    JsonNode end = events.get(events.size() - 2);
    assertThat(end.at("/delta/stop_reason").asString()).isEqualTo("end_turn");
    assertThat(end.at("/usage/output_tokens").asInt()).isEqualTo(20);
    assertThat(caller.json(caller.post("/v1/messages/count_tokens", ask)).path("input_tokens"))
        .isEqualTo(events.getFirst().at("/message/usage/input_tokens"));
  }

  @Test
  void an_anthropic_tool_loop_calls_once_and_ends_in_text() {
    String ask =
        "{'model':'sim/words:8b','max_tokens':100,'tools':[{'name':'get_weather','input_schema':"
            + "{'type':'object','properties':{'city':{'type':'string'}}}}],'messages':[%s]}";
    JsonNode call =
        caller.json(caller.post("/v1/messages", ask.formatted("{'role':'user','content':'?'}")));
    assertThat(call.path("stop_reason").asString()).isEqualTo("tool_use");
    assertThat(call.at("/content/0/input").toString()).isEqualTo("{\"city\":\"Paris\"}");
    JsonNode text =
        caller.json(
            caller.post(
                "/v1/messages",
                ask.formatted(
                    "{'role':'user','content':[{'type':'tool_result','content':'Sunny'}]}")));
    assertThat(text.path("stop_reason").asString()).isEqualTo("end_turn");
    assertThat(text.at("/content/0/text").asString()).startsWith("This answer is simulated");
  }

  @ParameterizedTest
  @EnumSource
  void every_kind_is_known_by_its_fingerprint_and_says_that_it_is_simulated(EngineKind kind) {
    restart(kind);
    String path =
        switch (kind) {
          case OLLAMA -> "/api/ps";
          case LLAMA_SERVER -> "/props";
          case VLLM -> "/version";
          case LM_STUDIO -> "/api/v1/models";
          case OPENAI, ANTHROPIC -> "/v1/models";
        };
    for (String each : List.of(path, "/v1/models")) {
      var response = caller.get(each);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("x-tutti-simulated")).contains("true");
      assertThat(caller.json(response).path("simulated").asBoolean()).isTrue();
    }
    var unknown = caller.get("/nowhere");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.headers().firstValue("x-tutti-simulated")).contains("true");
  }

  @Test
  void llama_server_is_unwell_until_its_model_is_loaded() {
    caller.close();
    caller = start(EngineKind.LLAMA_SERVER, Pace.of(1e6, 100).withLoad(Duration.ofMinutes(10)));
    var loading = caller.get("/health");
    assertThat(loading.statusCode()).isEqualTo(503);
    assertThat(caller.json(loading).at("/error/message").asString()).isEqualTo("Loading model");
    assertThat(
            caller
                .post("/v1/chat/completions", "{'model':'sim/words:8b','messages':[]}")
                .statusCode())
        .isEqualTo(503);
    restart(EngineKind.LLAMA_SERVER);
    assertThat(caller.get("/health").statusCode()).isEqualTo(200);
    JsonNode props = caller.json(caller.get("/props"));
    assertThat(props.path("total_slots").asInt()).isEqualTo(1);
    assertThat(props.path("build_info").asString()).endsWith("-simulated");
    assertThat(caller.json(caller.get("/slots")).at("/0/is_processing").asBoolean()).isFalse();
    assertThat(caller.json(caller.get("/v1/models")).at("/data/0/owned_by").asString())
        .isEqualTo("llamacpp");
  }

  @Test
  void models_come_and_go_by_order() {
    caller.post("/_paced/models", "{'add':'sim/new:embed','load':'sim/words:8b'}");
    assertThat(caller.json(caller.get("/api/tags")).path("models")).hasSize(4);
    assertThat(caller.json(caller.get("/api/ps")).at("/models/0/name").asString())
        .isEqualTo("sim/words:8b");
    caller.post("/_paced/models", "{'remove':'sim/new','unload':'sim/words:8b'}");
    assertThat(caller.json(caller.get("/api/tags")).path("models")).hasSize(3);
    assertThat(caller.json(caller.get("/api/ps")).path("models")).isEmpty();
    assertThat(caller.post("/_paced/models", "{'load':'sim/none'}").statusCode()).isEqualTo(404);
    assertThat(caller.post("/_paced/models", "{'lift':'x'}").statusCode()).isEqualTo(400);
  }

  @Test
  void bad_requests_get_the_dialects_own_error() {
    var missing = caller.post("/api/chat", "{'model':'nope','messages':[{'role':'user'}]}");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(caller.json(missing).path("error").asString()).isEqualTo("model 'nope' not found");
    var openAi = caller.post("/v1/chat/completions", "{'model':'nope','messages':[]}");
    assertThat(openAi.statusCode()).isEqualTo(404);
    assertThat(caller.json(openAi).at("/error/type").asString()).isEqualTo("not_found_error");
    var anthropic = caller.post("/v1/messages", "{'model':'nope'}");
    assertThat(caller.json(anthropic).path("type").asString()).isEqualTo("error");
    assertThat(caller.post("/api/chat", "no json").statusCode()).isEqualTo(400);
    assertThat(caller.post("/api/chat", "{}").statusCode()).isEqualTo(400);
    assertThat(caller.get("/api/chat").statusCode()).isEqualTo(405);
    assertThat(caller.post("/api/tags", "{}").statusCode()).isEqualTo(405);
  }
}
