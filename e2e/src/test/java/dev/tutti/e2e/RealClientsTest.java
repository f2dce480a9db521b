package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaModel;
import dev.langchain4j.model.ollama.OllamaModels;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiModelCatalog;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.wire.mesh.SubmitRequest;
import dev.tutti.wire.mesh.TaskEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Clients as people use them, unmodified, against real engines: by the hub's own way and through
/// an agent.
final class RealClientsTest {
  private static final String ANSWER = ChainModel.Pace.FAST.answer();
  private static final Sightings SEEN = new Sightings(ANSWER, ANSWER.strip());
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int FEW_PIECES = 5;

  private static Mesh mesh;

  /// Which engine answers.
  enum Way {
    /// The one that the hub would take.
    ANY,
    /// The one behind the agent.
    THROUGH_AGENT;

    Map<String, String> headers() {
      return switch (this) {
        case ANY -> Map.of();
        case THROUGH_AGENT -> Map.of("x-tutti-node", Mesh.AGENT_NODE);
      };
    }

    String[] chatWords() {
      return switch (this) {
        case ANY -> new String[] {mesh.url(), Mesh.CHAT_MODEL};
        case THROUGH_AGENT -> new String[] {mesh.url(), Mesh.CHAT_MODEL, Mesh.AGENT_NODE};
      };
    }

    String[] scriptWords() {
      return switch (this) {
        case ANY -> new String[] {mesh.url(), Mesh.CHAT_MODEL, Mesh.EMBEDDING_MODEL};
        case THROUGH_AGENT -> new String[] {mesh.url(), Mesh.CHAT_MODEL, "-", Mesh.AGENT_NODE};
      };
    }
  }

  @BeforeAll
  static void start() {
    mesh = Mesh.start();
  }

  @AfterAll
  static void stop() {
    if (mesh != null) {
      mesh.close();
    }
  }

  /// Runs the work and checks that every task it made was done where it should be.
  private static void all(Way way, Runnable work) {
    Set<String> before = mesh.api().all("tasks", "task_id");
    try {
      work.run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(e + "\n" + mesh.story(), e);
    }
    List<JsonNode> done =
        mesh.api()
            .get("tasks")
            .path("tasks")
            .valueStream()
            .filter(task -> !before.contains(task.path("task_id").asString()))
            .filter(task -> task.has("ran"))
            .toList();
    assertThat(done)
        .isNotEmpty()
        .allSatisfy(task -> assertThat(task.path("state").asString()).isEqualTo("done"));
    if (way == Way.THROUGH_AGENT) {
      assertThat(done)
          .allSatisfy(task ->
              assertThat(task.path("ran").path("node").asString()).isEqualTo(Mesh.AGENT_NODE));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("T1 T2 T3 T4 T5 T6 T7 T9 T10 openai-js gets what it expects")
  void openai_js_gets_what_it_expects(Way way) {
    all(way, () -> assertOpenAi(NodeScript.run("openai.mjs", way.scriptWords()), way));
  }

  private static void assertOpenAi(JsonNode seen, Way way) {
    SEEN.openAi(seen, Mesh.CHAT_MODEL, " Mesh node answers: forty-two.");
    if (way == Way.ANY) {
      assertThat(Sightings.strings(seen.path("models"))).contains(Mesh.EMBEDDING_MODEL);
      Sightings.embeddings(seen.path("embeddings"));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("T1 T2 T3 T4 T5 T6 openai-js' helpers gather responses and tool calls")
  void openai_js_speaks_responses(Way way) {
    all(way, () -> SEEN.responses(NodeScript.run("responses.mjs", way.chatWords())));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("T30 T31 T33 T34 T37 anthropic-js gets what it expects")
  void anthropic_js_gets_what_it_expects(Way way) {
    all(
        way,
        () -> SEEN.anthropic(NodeScript.run("anthropic.mjs", way.chatWords()), Mesh.CHAT_MODEL));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("T24 T27 T32 frameworks get what they expect")
  void frameworks_get_what_they_expect(Way way) {
    all(way, () -> SEEN.frameworks(NodeScript.run("frameworks.mjs", way.chatWords())));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("T20 T24 T25 ollama-js gets what it expects")
  void ollama_js_gets_what_it_expects(Way way) {
    all(way, () -> assertOllama(NodeScript.run("ollama.mjs", way.scriptWords()), way));
  }

  private static void assertOllama(JsonNode seen, Way way) {
    SEEN.ollama(seen, Mesh.CHAT_MODEL);
    assertThat(Sightings.strings(seen.path("shown"))).contains("completion", "tools");
    assertThat(Sightings.strings(seen.path("running"))).contains(Mesh.CHAT_MODEL + ":latest");
    if (way == Way.ANY) {
      assertThat(Sightings.strings(seen.path("models"))).contains(Mesh.EMBEDDING_MODEL + ":latest");
      Sightings.embeddings(seen.path("embeddings"));
      assertThat(seen.path("legacyEmbedding").asInt()).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("T2 T5 T44 LangChain4j, which offers h2c with every call, speaks OpenAI's dialect")
  void langchain4j_speaks_openai_with_the_hub(Way way) {
    var chat =
        OpenAiChatModel.builder()
            .baseUrl(mesh.url() + "/v1")
            .apiKey("none")
            .modelName(Mesh.CHAT_MODEL)
            .temperature(0.0)
            .maxRetries(0)
            .customHeaders(way.headers())
            .build();
    var streaming =
        OpenAiStreamingChatModel.builder()
            .baseUrl(mesh.url() + "/v1")
            .apiKey("none")
            .modelName(Mesh.CHAT_MODEL)
            .temperature(0.0)
            .customHeaders(way.headers())
            .build();
    all(way, () -> assertLangChain(chat, streaming));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName(
      "T20 T44 LangChain4j, which waits for the line that is done, speaks Ollama's dialect")
  void langchain4j_speaks_ollama_with_the_hub(Way way) {
    var chat =
        OllamaChatModel.builder()
            .baseUrl(mesh.url())
            .modelName(Mesh.CHAT_MODEL)
            .temperature(0.0)
            .maxRetries(0)
            .customHeaders(way.headers())
            .build();
    var streaming =
        OllamaStreamingChatModel.builder()
            .baseUrl(mesh.url())
            .modelName(Mesh.CHAT_MODEL)
            .temperature(0.0)
            .customHeaders(way.headers())
            .build();
    all(way, () -> assertLangChain(chat, streaming));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  @DisplayName("T30 T31 T34 LangChain4j speaks Anthropic's dialect")
  void langchain4j_speaks_anthropic_with_the_hub(Way way) {
    var chat =
        AnthropicChatModel.builder()
            .baseUrl(mesh.url() + "/v1")
            .apiKey("none")
            .modelName(Mesh.CHAT_MODEL)
            .temperature(0.0)
            .maxRetries(0)
            .customHeaders(way.headers())
            .build();
    var streaming =
        AnthropicStreamingChatModel.builder()
            .baseUrl(mesh.url() + "/v1")
            .apiKey("none")
            .modelName(Mesh.CHAT_MODEL)
            .temperature(0.0)
            .customHeaders(way.headers())
            .build();
    all(way, () -> assertLangChain(chat, streaming));
  }

  private static void assertLangChain(ChatModel chat, StreamingChatModel streaming) {
    ChatResponse whole = chat.chat(LangChain.question());
    assertThat(whole.aiMessage().text()).isEqualTo(ANSWER);
    assertThat(whole.tokenUsage().outputTokenCount()).isPositive();
    assertThat(whole.tokenUsage().inputTokenCount()).isPositive();

    LangChain.Streamed streamed = LangChain.stream(streaming, LangChain.question());
    assertThat(streamed.text()).isEqualTo(ANSWER);
    assertThat(streamed.pieces()).hasSizeGreaterThan(FEW_PIECES);
    assertThat(streamed.whole().aiMessage().text()).isEqualTo(ANSWER);
    assertThat(streamed.whole().tokenUsage().outputTokenCount()).isPositive();

    var expected = new LangChain.Talk(List.of("get_weather {\"city\":\"Paris\"}"), ANSWER.strip());
    assertThat(LangChain.weather(chat::chat)).isEqualTo(expected);
    assertThat(LangChain.weather(request -> LangChain.stream(streaming, request).whole()))
        .isEqualTo(expected);
  }

  @Test
  void langchain4j_embeds_and_lists_models() {
    var embedding =
        OpenAiEmbeddingModel.builder()
            .baseUrl(mesh.url() + "/v1")
            .apiKey("none")
            .modelName(Mesh.EMBEDDING_MODEL)
            .maxRetries(0)
            .build();
    all(
        Way.ANY,
        () -> {
          assertThat(embedding.embed("one").content().vector()).isNotEmpty();
          assertThat(embedding.dimension()).isPositive();
        });
    var openAi = OpenAiModelCatalog.builder().baseUrl(mesh.url() + "/v1").apiKey("none").build();
    assertThat(openAi.listModels())
        .extracting(model -> model.name())
        .contains(Mesh.CHAT_MODEL, Mesh.EMBEDDING_MODEL);
    var ollama = OllamaModels.builder().baseUrl(mesh.url()).maxRetries(0).build();
    assertThat(ollama.availableModels().content())
        .extracting(OllamaModel::getName)
        .contains(Mesh.CHAT_MODEL + ":latest", Mesh.EMBEDDING_MODEL + ":latest");
    assertThat(ollama.modelCard(Mesh.CHAT_MODEL).content().getCapabilities())
        .contains("completion", "tools");
    assertThat(ollama.runningModels().content()).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void a_grpc_client_submits_and_watches(Way way) {
    try (var client = new GrpcCalls(mesh.grpcPort())) {
      var watching = client.watch();
      var request =
          SubmitRequest.newBuilder()
              .setModel(Mesh.CHAT_MODEL)
              .setPrompt("What is the answer?")
              .setHasTemperature(true);
      if (way == Way.THROUGH_AGENT) {
        request.setNode(Mesh.AGENT_NODE);
      }
      List<TaskEvent> events = client.submit(request.build());

      var assigned =
          events.stream().filter(TaskEvent::hasAssigned).findFirst().orElseThrow().getAssigned();
      if (way == Way.THROUGH_AGENT) {
        assertThat(assigned.getNode()).isEqualTo(Mesh.AGENT_NODE);
      }
      assertThat(assigned.getSimulated()).isFalse();
      List<String> pieces =
          events.stream()
              .filter(event -> event.getIsCase() == TaskEvent.IsCase.CONTENT)
              .map(TaskEvent::getContent)
              .toList();
      assertThat(String.join("", pieces)).isEqualTo(ANSWER);
      assertThat(pieces).hasSizeGreaterThan(FEW_PIECES);
      assertThat(events.getLast().getDone().getFinishReason()).isEqualTo("stop");
      assertThat(events.getLast().getDone().getOutputTokens()).isPositive();

      Eventually.until(
          "the watcher hears of the task",
          SOON,
          () ->
              watching.events().stream()
                  .filter(event -> event.getJson().contains(assigned.getTaskId()))
                  .map(event -> event.getKind())
                  .collect(Collectors.toSet())
                  .containsAll(Set.of("task.assigned", "task.finished")));
      assertThat(watching.end()).isNotDone();
    }
  }
}
