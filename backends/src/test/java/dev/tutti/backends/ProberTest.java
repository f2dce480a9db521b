package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.ModelType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Fingerprints and inventories against answers written from each engine's documentation; those of
/// llama-server were seen from a real one.
class ProberTest extends Probing {
  private static final String ANTHROPIC_MODELS =
      """
      {"data":[{"type":"model","id":"claude-a","display_name":"A","max_input_tokens":200000,
        "created_at":"2026-01-01T00:00:00Z"},{"type":"model","id":"claude-b"}],
       "has_more":false,"first_id":"claude-a","last_id":"claude-b"}\
      """;

  // ---- fingerprints

  @Test
  void ollama_tells_models_what_is_loaded_and_what_they_can() {
    var answers =
        ollama(
            """
            {"models":[
              {"name":"llama3:8b","size":4661224676,"digest":"d1",
               "modified_at":"2026-01-02T03:04:05Z",
               "details":{"family":"llama","parameter_size":"8.0B","quantization_level":"Q4_0",
                "format":"gguf"}},
              {"name":"gone:latest","remote_host":"https://elsewhere.example","digest":"d1"},
              {"name":"nomic-embed-text:latest","digest":"d2","capabilities":["embedding"],
               "details":{"context_length":2048}}]}\
            """,
            """
            {"models":[{"name":"llama3:8b","size":6000000000,"size_vram":5000000000,
              "context_length":8192,"expires_at":"2026-01-02T04:04:05Z"}]}\
            """);
    answers.put(
        "POST /api/show",
        """
        {"capabilities":["completion","tools","vision"],"license":"%s",
         "model_info":{"general.architecture":"llama","llama.context_length":131072}}\
        """
            .formatted("x".repeat(100_000)));
    var facts = facts(answers);
    assertThat(facts.kind()).isEqualTo(BackendKind.OLLAMA);
    assertThat(facts.version()).isEqualTo("0.33.0");
    assertThat(facts.slots()).isZero();
    assertThat(facts.simulated()).isFalse();
    assertThat(facts.models()).hasSize(3);
    var llama = model(facts, "llama3:8b");
    assertThat(llama.capabilities()).containsExactly("completion", "tools", "vision");
    assertThat(llama.type()).isEqualTo(ModelType.VISION);
    assertThat(llama.contextTokens()).isEqualTo(131_072);
    assertThat(llama.size().value()).isEqualTo(4_661_224_676L);
    assertThat(llama.digest()).isEqualTo("d1");
    assertThat(llama.modifiedAt()).isEqualTo("2026-01-02T03:04:05Z");
    assertThat(llama.details()).containsEntry("parameter_size", "8.0B");
    assertThat(llama.loaded().resident()).isTrue();
    assertThat(llama.loaded().vramBytes().value()).isEqualTo(5_000_000_000L);
    assertThat(llama.loaded().contextTokens()).isEqualTo(8192);
    assertThat(model(facts, "gone").details())
        .containsEntry("remote_host", "https://elsewhere.example");
    var embedder = model(facts, "nomic-embed-text");
    assertThat(embedder.type()).isEqualTo(ModelType.EMBEDDING);
    assertThat(embedder.contextTokens()).isEqualTo(2048);
    assertThat(embedder.loaded().resident()).isFalse();
  }

  @Test
  void llama_server_tells_slots_context_and_what_it_can() {
    var facts = facts(llamaServer("501 {\"error\":{\"code\":501}}", true));
    assertThat(facts.kind()).isEqualTo(BackendKind.LLAMA_SERVER);
    assertThat(facts.version()).isEqualTo("b11669-Debian");
    assertThat(facts.slots()).isEqualTo(2);
    var model = model(facts, "/models/chain.gguf");
    assertThat(model.capabilities()).containsExactly("completion", "tools", "vision");
    assertThat(model.contextTokens()).isEqualTo(32_768);
    assertThat(model.loaded().contextTokens()).isEqualTo(4096);
    assertThat(model.loaded().resident()).isTrue();
    assertThat(model.details()).containsEntry("parameter_size", "1.8M");
  }

  private static Map<String, String> llamaServer(String embeddings, boolean vision) {
    return Map.of(
        "GET /v1/models",
        """
        {"models":[{"name":"x"}],"object":"list","data":[{"id":"/models/chain.gguf",
         "owned_by":"llamacpp","meta":{"n_ctx_train":32768,"n_params":1808800,"size":3620864,
         "ftype":"all F32"}}]}\
        """,
        "GET /props",
        """
        {"default_generation_settings":{"n_ctx":4096},"total_slots":2,"build_info":"b11669-Debian",
         "modalities":{"vision":%s},"chat_template_caps":{"supports_tools":true},
         "media_marker":"<__media_1__>","model_path":"/models/chain.gguf","is_sleeping":false}\
        """
            .formatted(vision),
        "POST /v1/embeddings",
        embeddings);
  }

  @Test
  void a_server_of_anthropics_api_is_known_by_the_shape_of_its_list() {
    var facts = facts(Map.of("GET /v1/models", ANTHROPIC_MODELS));
    assertThat(facts.kind()).isEqualTo(BackendKind.ANTHROPIC);
    assertThat(facts.models()).hasSize(2);
    assertThat(model(facts, "claude-a").contextTokens()).isEqualTo(200_000);
    assertThat(model(facts, "claude-b").type()).isEqualTo(ModelType.TEXT);
    assertThat(facts(Map.of("GET /v1/models", "{\"data\":[],\"has_more\":false}")).kind())
        .isEqualTo(BackendKind.ANTHROPIC);
  }

  @Test
  void only_who_refuses_in_anthropics_words_is_asked_with_its_version() {
    var both =
        new StubServer((request, out) -> {
          boolean named = "2023-06-01".equals(request.headers().get("anthropic-version"));
          if (!request.path().equals("/v1/models")) {
            StubServer.reply(out, 404, Map.of(), "{}");
          } else if (named) {
            StubServer.reply(out, 200, Map.of(), ANTHROPIC_MODELS);
          } else {
            StubServer.reply(
                out,
                400,
                Map.of(),
                """
                {"type":"error","error":{"type":"invalid_request_error",
                 "message":"anthropic-version: header is required"}}\
                """);
          }
          return true;
        });
    try (both) {
      assertThat(found(probe(both)).kind()).isEqualTo(BackendKind.ANTHROPIC);
    }
    try (var other =
        StubServer.routes(
            Map.of("GET /v1/models", "400 {\"error\":{\"message\":\"no\"}}"), Map.of())) {
      assertThat(probe(other)).isInstanceOf(Finding.NoEngine.class);
      assertThat(other.requests)
          .noneMatch(request -> request.headers().containsKey("anthropic-version"));
    }
    try (var openAi =
        StubServer.routes(
            Map.of("GET /v1/models", "{\"object\":\"list\",\"has_more\":false,\"data\":[]}"),
            Map.of())) {
      assertThat(found(probe(openAi)).kind()).isEqualTo(BackendKind.OPENAI);
      assertThat(openAi.requests)
          .noneMatch(request -> request.headers().containsKey("anthropic-version"));
    }
  }

  @Test
  void a_llama_server_that_embeds_says_so_when_asked_once() {
    try (var server = StubServer.routes(llamaServer("400 {}", false), Map.of())) {
      var model = model(found(probe(server)), "/models/chain.gguf");
      assertThat(model.capabilities()).containsExactly("completion", "tools", "embedding");
      assertThat(model(found(probe(server)), "/models/chain.gguf")).isEqualTo(model);
      assertThat(server.requests.stream().filter(each -> each.method().equals("POST"))).hasSize(1);
    }
  }

  @Test
  void a_sleeping_llama_server_is_not_woken() {
    var answers = new HashMap<>(llamaServer("400 {}", false));
    answers.computeIfPresent("GET /props", (_, props) -> props.replace("false}", "true}"));
    try (var server = StubServer.routes(answers, Map.of())) {
      assertThat(found(probe(server)).kind()).isEqualTo(BackendKind.LLAMA_SERVER);
      assertThat(server.requests).allMatch(request -> request.method().equals("GET"));
    }
  }

  @Test
  void a_llama_server_that_loads_is_busy() {
    var failure =
        unavailable(
            probe(
                Map.of(
                    "GET /api/version",
                    "503 {\"error\":{\"message\":\"Loading model\"}}",
                    "GET /v1/models",
                    "503 {\"error\":{\"message\":\"Loading model\"}}"),
                Map.of()));
    assertThat(failure.code()).isEqualTo(FailureCode.ENGINE_BUSY);
  }

  @Test
  void a_llama_server_in_router_mode_tells_what_is_loaded() {
    var facts =
        facts(
            Map.of(
                "GET /v1/models",
                """
                {"data":[{"id":"a","owned_by":"llamacpp","status":{"value":"loaded"}},
                 {"id":"b","owned_by":"llamacpp","status":{"value":"unloaded"}}]}\
                """,
                "GET /props",
                "{\"build_info\":\"b1\"}"));
    assertThat(model(facts, "a").loaded().resident()).isTrue();
    assertThat(model(facts, "b").loaded().resident()).isFalse();
  }

  @Test
  void vllm_tells_version_and_context() {
    var facts =
        facts(
            Map.of(
                "GET /v1/models",
                """
                {"data":[{"id":"Qwen/Qwen3-8B","owned_by":"vllm","max_model_len":40960}]}\
                """,
                "GET /version",
                "{\"version\":\"0.12.0\"}"));
    assertThat(facts.kind()).isEqualTo(BackendKind.VLLM);
    assertThat(facts.version()).isEqualTo("0.12.0");
    assertThat(model(facts, "Qwen/Qwen3-8B").contextTokens()).isEqualTo(40_960);
    assertThat(model(facts, "Qwen/Qwen3-8B").loaded().resident()).isTrue();
  }

  @Test
  void lm_studio_is_known_by_its_newer_list() {
    var facts =
        facts(
            Map.of(
                "GET /api/version",
                "{\"error\":\"Unexpected endpoint or method\"}",
                "GET /v1/models",
                "{\"data\":[{\"id\":\"a\",\"owned_by\":\"organization_owner\"}]}",
                "GET /api/v1/models",
                """
                {"models":[
                 {"type":"llm","key":"gemma-3-4b","architecture":"gemma3","size_bytes":3000000000,
                  "quantization":{"name":"Q4_K_M","bits_per_weight":4},"params_string":"4B",
                  "loaded_instances":[{"id":"gemma-3-4b","config":{"context_length":4096}}],
                  "max_context_length":131072,"format":"gguf",
                  "capabilities":{"vision":true,"trained_for_tool_use":false}},
                 {"type":"embedding","key":"text-embedding-nomic","loaded_instances":[],
                  "max_context_length":2048}]}\
                """));
    assertThat(facts.kind()).isEqualTo(BackendKind.LM_STUDIO);
    var gemma = model(facts, "gemma-3-4b");
    assertThat(gemma.loaded().resident()).isTrue();
    assertThat(gemma.loaded().contextTokens()).isEqualTo(4096);
    assertThat(gemma.contextTokens()).isEqualTo(131_072);
    assertThat(gemma.type()).isEqualTo(ModelType.VISION);
    assertThat(gemma.details()).containsEntry("quantization_level", "Q4_K_M");
    var nomic = model(facts, "text-embedding-nomic");
    assertThat(nomic.type()).isEqualTo(ModelType.EMBEDDING);
    assertThat(nomic.loaded().resident()).isFalse();
  }

  @Test
  void lm_studio_is_known_by_its_older_list() {
    var facts =
        facts(
            Map.of(
                "GET /v1/models",
                "{\"data\":[{\"id\":\"a\"}]}",
                "GET /api/v0/models",
                """
                {"object":"list","data":[
                 {"id":"qwen2-vl-7b","type":"vlm","arch":"qwen2_vl","state":"not-loaded",
                  "max_context_length":32768},
                 {"id":"llama-3.1","type":"llm","state":"loaded","max_context_length":131072,
                  "loaded_context_length":8192},
                 {"id":"nomic","type":"embeddings","state":"not-loaded"}]}\
                """));
    assertThat(facts.kind()).isEqualTo(BackendKind.LM_STUDIO);
    assertThat(model(facts, "qwen2-vl-7b").type()).isEqualTo(ModelType.VISION);
    assertThat(model(facts, "llama-3.1").loaded().contextTokens()).isEqualTo(8192);
    assertThat(model(facts, "nomic").type()).isEqualTo(ModelType.EMBEDDING);
  }

  @Test
  void anything_with_a_model_list_is_an_openai_engine() {
    var facts = facts(Map.of("GET /v1/models", "{\"data\":[{\"id\":\"m\"},{\"id\":\"m\"}]}"));
    assertThat(facts.kind()).isEqualTo(BackendKind.OPENAI);
    assertThat(facts.models()).hasSize(1);
    assertThat(model(facts, "m").capabilities()).isEmpty();
  }

  @Test
  void a_version_without_the_greeting_is_not_ollama() {
    var facts =
        facts(
            Map.of(
                "GET /api/version",
                "{\"version\":\"0.7.0\"}",
                "GET /v1/models",
                "{\"data\":[{\"id\":\"koboldcpp/x\"}]}"));
    assertThat(facts.kind()).isEqualTo(BackendKind.OPENAI);
  }

  @Test
  void a_web_server_is_no_engine() {
    var page = "<html><body>Welcome</body></html>";
    var every = Map.of("GET /", page, "GET /api/version", page, "GET /v1/models", page);
    assertThat(probe(every, Map.of())).isInstanceOf(Finding.NoEngine.class);
    assertThat(probe(Map.of(), Map.of())).isInstanceOf(Finding.NoEngine.class);
    assertThat(probe(Map.of("GET /v1/models", "{\"ok\":true}"), Map.of()))
        .isInstanceOf(Finding.NoEngine.class);
  }

  @Test
  void this_hub_knows_itself() {
    assertThat(probe(Map.of("GET /api/version", "508 {\"error\":\"loop\"}"), Map.of()))
        .isInstanceOf(Finding.ThisHub.class);
    assertThat(probe(ollama(EMPTY_PS, EMPTY_PS), Map.of("x-tutti-hub", "hub-1")))
        .isInstanceOf(Finding.ThisHub.class);
    assertThat(probe(ollama(EMPTY_PS, EMPTY_PS), Map.of("x-tutti-hub", "hub-2")))
        .isInstanceOf(Finding.Found.class);
  }

  @Test
  void a_simulated_engine_is_marked_by_its_header_or_its_family() {
    assertThat(found(probe(ollama(EMPTY_PS, EMPTY_PS), Map.of("x-tutti-simulated", "true"))))
        .matches(BackendFacts::simulated);
    var family = "{\"models\":[{\"name\":\"sim/a\",\"details\":{\"family\":\"simulated\"}}]}";
    assertThat(facts(ollama(family, EMPTY_PS)).simulated()).isTrue();
  }

  @Test
  void an_engine_that_wants_a_key_is_unavailable() {
    var failure = unavailable(probe(Map.of("GET /v1/models", "401 {}"), Map.of()));
    assertThat(failure.code()).isEqualTo(FailureCode.FORBIDDEN);
    assertThat(failure.retry()).isEqualTo(Retry.POINTLESS);
  }

  @Test
  void nobody_there_is_unreachable() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertThat(unavailable(probe(EngineAddress.loopback(port))).code())
        .isEqualTo(FailureCode.ENGINE_UNREACHABLE);
  }

  // ---- health

  private Optional<FailureCode> health(BackendKind kind, Map<String, String> answers) {
    try (var server = StubServer.routes(answers, Map.of())) {
      var transport = new DirectHttp(loop.vertx, server.address(), "hub-1");
      Optional<Failure> trouble = loop.outcome(() -> prober.health(transport, kind));
      return trouble.map(Failure::code);
    }
  }

  @Test
  void each_kind_is_asked_for_its_health_in_its_own_way() {
    assertThat(health(BackendKind.OLLAMA, Map.of("HEAD /", ""))).isEmpty();
    assertThat(health(BackendKind.OLLAMA, Map.of())).hasValue(FailureCode.ENGINE_ERROR);
    assertThat(health(BackendKind.LLAMA_SERVER, Map.of("GET /health", "{}"))).isEmpty();
    assertThat(health(BackendKind.LLAMA_SERVER, Map.of("GET /health", "503 {}")))
        .hasValue(FailureCode.ENGINE_BUSY);
    assertThat(health(BackendKind.LLAMA_SERVER, Map.of())).hasValue(FailureCode.ENGINE_ERROR);
    assertThat(health(BackendKind.VLLM, Map.of("GET /health", ""))).isEmpty();
    assertThat(health(BackendKind.VLLM, Map.of("GET /health", "503 ")))
        .hasValue(FailureCode.ENGINE_ERROR);
    assertThat(health(BackendKind.LM_STUDIO, Map.of("HEAD /v1/models", ""))).isEmpty();
    assertThat(health(BackendKind.OPENAI, Map.of())).isEmpty();
    assertThat(health(BackendKind.OPENAI, Map.of("HEAD /v1/models", "500 ")))
        .hasValue(FailureCode.ENGINE_ERROR);
    assertThat(health(BackendKind.OPENAI, Map.of("HEAD /v1/models", "503 ")))
        .hasValue(FailureCode.ENGINE_BUSY);
    assertThat(health(BackendKind.OPENAI, Map.of("HEAD /v1/models", "501 "))).isEmpty();
  }

  @Test
  void an_engine_that_does_not_answer_its_health_check_has_stalled() {
    try (var server = new StubServer((_, _) -> true)) {
      var transport = new DirectHttp(loop.vertx, server.address(), "hub-1");
      assertThat(loop.outcome(() -> prober.health(transport, BackendKind.OLLAMA)))
          .map(Failure::code)
          .hasValue(FailureCode.ENGINE_STALLED);
    }
  }
}
