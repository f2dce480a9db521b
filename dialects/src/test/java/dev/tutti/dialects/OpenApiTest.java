package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What clients are told, held against the descriptions that OpenAI and Ollama publish.
class OpenApiTest {
  private static final Failure LOST =
      Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "gone");

  static List<String> answers() {
    return Golden.names("answers");
  }

  /// How one endpoint's answers are described.
  private record Told(Endpoint endpoint, String api, String whole, String piece) {
    List<String> faults(boolean stream, String body) {
      OpenApi described = OpenApi.of(api);
      var faults = new ArrayList<String>();
      if (!stream) {
        return described.faults(whole, json(body));
      }
      for (String line : body.split("\n", -1)) {
        String data = line.startsWith("data:") ? line.substring("data:".length()).strip() : line;
        if (data.startsWith("{")) {
          JsonNode node = json(data);
          faults.addAll(described.faults(schema(described, node), node));
        }
      }
      return faults;
    }

    private String schema(OpenApi described, JsonNode event) {
      if (event.has("error") && !event.has("type")) {
        return "ErrorResponse";
      }
      if (endpoint == Endpoint.OPENAI_COMPLETIONS) {
        // Only whole answers are described; OpenAI's own pieces have nulls where they have values.
        ObjectNode choice =
            event.path("choices").path(0) instanceof ObjectNode o ? o : Json.object();
        if (choice.path("finish_reason").isNull()) {
          choice.put("finish_reason", "stop");
        }
        if (event.path("usage").isNull()) {
          ((ObjectNode) event).remove("usage");
        }
      }
      return endpoint == Endpoint.OPENAI_RESPONSES ? described.event(event) : piece;
    }
  }

  private static JsonNode json(String text) {
    return Json.read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static final List<Told> TOLD =
      List.of(
          new Told(
              Endpoint.OPENAI_CHAT,
              "openai",
              "CreateChatCompletionResponse",
              "CreateChatCompletionStreamResponse"),
          new Told(
              Endpoint.OPENAI_COMPLETIONS,
              "openai",
              "CreateCompletionResponse",
              "CreateCompletionResponse"),
          new Told(Endpoint.OPENAI_RESPONSES, "openai", "Response", "ResponseStreamEvent"),
          new Told(Endpoint.OLLAMA_CHAT, "ollama", "ChatResponse", "ChatStreamEvent"),
          new Told(Endpoint.OLLAMA_GENERATE, "ollama", "GenerateResponse", "GenerateStreamEvent"));

  @ParameterizedTest
  @MethodSource("answers")
  void each_engines_answer_is_told_as_described(String name) {
    List<Delta> deltas = Answers.deltas(Answers.reader(name), Golden.read("answers", name));
    var faults = new ArrayList<String>();
    for (Told told : TOLD) {
      for (boolean stream : new boolean[] {true, false}) {
        try {
          AnswerWriter writer = Answers.writer(told.endpoint(), stream);
          faults.addAll(told.faults(stream, Answers.write(writer, deltas)));
        } catch (MeshException e) {
          // This answer cannot be told in this dialect; its golden says why.
          assertThat(e.failure().message()).isNotBlank();
        }
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void a_broken_stream_is_told_as_described() {
    for (Told told : TOLD) {
      if (told.api().equals("ollama")) {
        continue; // its description has no error in a stream
      }
      AnswerWriter writer = Answers.writer(told.endpoint(), true);
      String begun = Answers.text(writer.delta(new Delta.Content("a")));
      String body = begun + Answers.text(writer.error(LOST));
      assertThat(told.faults(true, body)).as(told.endpoint().name()).isEmpty();
    }
  }

  @Test
  void a_response_to_an_agent_is_told_as_described() {
    ClientRequest request =
        ResponsesRequests.create(Golden.read("requests", "openai-responses.agent.json"));
    List<Delta> deltas =
        List.of(
            new Delta.Reasoning("r"),
            new Delta.Content("c"),
            new Delta.ToolCall(0, "", "exec_command", "{}"),
            new Delta.ToolCall(1, "", "apply_patch", "{\"input\":\"x\"}"),
            new Delta.ToolCall(2, "", "mcp__notes__find", "{}"),
            new Delta.Finish(Delta.Reason.LENGTH),
            new Delta.Usage(1, 1, 1, 0, 0, 0));
    Told told = TOLD.get(2);
    for (boolean stream : new boolean[] {true, false}) {
      AnswerWriter writer = AnswerWriters.of(request.sketch(), stream, Answers.CONTEXT);
      assertThat(told.faults(stream, Answers.write(writer, deltas))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("responses")
  void what_a_response_repeats_of_its_request_is_as_described(String name) {
    ClientRequest request = ResponsesRequests.create(Golden.read("requests", name));
    AnswerWriter writer = AnswerWriters.of(request.sketch(), true, Answers.CONTEXT);
    String body =
        Answers.write(writer, new Delta.Content("c"), new Delta.Finish(Delta.Reason.STOP));
    assertThat(TOLD.get(2).faults(true, body)).isEmpty();
  }

  static List<String> responses() {
    return Golden.names("requests").stream()
        .filter(name -> name.startsWith("openai-responses"))
        .toList();
  }

  @Test
  void vectors_and_counts_are_told_as_described() {
    var vectors = new Delta.Vectors(List.of(new float[] {3, 4}));
    var usage = new Delta.Usage(5, 0, 0, 1, 2, 0);
    OpenApi openAi = OpenApi.of("openai");
    assertThat(
            openAi.faults(
                "CreateEmbeddingResponse",
                json(
                    Answers.write(
                        Answers.writer(Endpoint.OPENAI_EMBEDDINGS, false), vectors, usage))))
        .isEmpty();
    assertThat(
            openAi.faults(
                "TokenCountsResource",
                json(
                    Answers.write(
                        Answers.writer(Endpoint.OPENAI_INPUT_TOKENS, false),
                        new Delta.Counted(7)))))
        .isEmpty();
    assertThat(
            OpenApi.of("ollama")
                .faults(
                    "EmbedResponse",
                    json(
                        Answers.write(
                            Answers.writer(Endpoint.OLLAMA_EMBED, false), vectors, usage))))
        .isEmpty();
  }

  @Test
  void transcripts_are_told_as_described() {
    var sketch = new AnswerSketch(Endpoint.OPENAI_TRANSCRIPTION, "m", false, false);
    var said = new Delta.Transcript("{\"text\":\"hi\"}".getBytes(StandardCharsets.UTF_8));
    String told = Answers.write(AnswerWriters.of(sketch, false, Answers.CONTEXT), said);
    assertThat(OpenApi.of("openai").faults("CreateTranscriptionResponseJson", json(told)))
        .isEmpty();
  }

  @Test
  void lists_of_models_are_told_as_described() {
    var both = List.of(CatalogueTest.REAL, CatalogueTest.SIMULATED);
    OpenApi openAi = OpenApi.of("openai");
    OpenApi ollama = OpenApi.of("ollama");
    assertThat(openAi.faults("ListModelsResponse", Json.read(Catalogue.openAiModels(both))))
        .isEmpty();
    assertThat(openAi.faults("Model", Json.read(Catalogue.openAiModel(CatalogueTest.REAL))))
        .isEmpty();
    assertThat(ollama.faults("ListResponse", Json.read(Catalogue.ollamaTags(both)))).isEmpty();
    assertThat(ollama.faults("PsResponse", Json.read(Catalogue.ollamaPs(both)))).isEmpty();
    assertThat(ollama.faults("ShowResponse", Json.read(Catalogue.ollamaShow(CatalogueTest.REAL))))
        .isEmpty();
    assertThat(ollama.faults("VersionResponse", Json.read(Catalogue.ollamaVersion("1")))).isEmpty();
  }

  @Test
  void errors_are_told_as_described() {
    for (FailureCode code : FailureCode.values()) {
      Failure failure = Failure.of(code, Retry.SAFE_NOT_STARTED, "why");
      for (Dialect dialect : new Dialect[] {Dialect.OPENAI, Dialect.OLLAMA}) {
        JsonNode body = Json.read(ErrorBodies.of(dialect, failure).body());
        String api = dialect == Dialect.OPENAI ? "openai" : "ollama";
        assertThat(OpenApi.of(api).faults("ErrorResponse", body)).isEmpty();
      }
    }
  }

  @Test
  void a_wrong_answer_would_be_noticed() {
    assertThat(OpenApi.of("openai").faults("Response", json("{\"id\":1}"))).isNotEmpty();
    assertThat(OpenApi.of("ollama").faults("ErrorResponse", json("{\"error\":{}}"))).isNotEmpty();
  }
}
