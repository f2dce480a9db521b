package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Ollama's lines, as clients of all kinds want them.
class OllamaLinesTest {
  private static final Delta FINISH = new Delta.Finish(Delta.Reason.STOP);

  private static List<JsonNode> lines(Endpoint endpoint, Delta... deltas) {
    String text = Answers.write(Answers.writer(endpoint, true), deltas);
    assertThat(text).endsWith("\n").doesNotContain("\n\n").doesNotStartWith("\n");
    return text.lines().map(line -> Json.read(line.getBytes(StandardCharsets.UTF_8))).toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"OLLAMA_CHAT", "OLLAMA_GENERATE"})
  @DisplayName("T20 T22 T24 the last line alone is done, none is blank, each has a name and a time")
  void every_line_is_whole(Endpoint endpoint) {
    List<JsonNode> lines = lines(endpoint, new Delta.Content("a"), new Delta.Content("b"), FINISH);
    assertThat(lines.getLast().path("done").asBoolean()).isTrue();
    assertThat(lines.subList(0, lines.size() - 1))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.path("done").asBoolean(true)).isFalse());
    assertThat(lines)
        .allSatisfy(line -> {
          assertThat(line.path("model").asString()).isEqualTo("asked:latest");
          assertThat(line.path("created_at").asString()).endsWith("Z");
        });
    assertThat(Answers.text(Answers.writer(endpoint, true).keepAlive())).isEqualTo(" ");
  }

  @Test
  @DisplayName("T26 a line of thinking has an empty content beside it")
  void thinking_has_an_empty_content() {
    JsonNode first =
        lines(Endpoint.OLLAMA_CHAT, new Delta.Reasoning("hm"), new Delta.Content("a"), FINISH)
            .getFirst();
    assertThat(first.path("message").path("thinking").asString()).isEqualTo("hm");
    assertThat(first.path("message").path("content").asString("none")).isEmpty();
  }

  @Test
  @DisplayName("T25 the model is the one that was asked for, whoever answers")
  void the_model_is_the_one_asked_for() {
    var sketch = new AnswerSketch(Endpoint.OLLAMA_CHAT, "auto", false, false);
    String text = Answers.write(AnswerWriters.of(sketch, true, Answers.CONTEXT), FINISH);
    assertThat(text).contains("\"model\":\"auto\"").doesNotContain("real-one");
  }

  static List<String> answers() {
    return Golden.names("answers").stream().filter(name -> name.startsWith("ollama")).toList();
  }

  @ParameterizedTest
  @MethodSource("answers")
  @DisplayName("T23 lines of engines end as on any system, and the last one not at all")
  void lines_end_in_any_way(String name) {
    String all = new String(Golden.read("answers", name), StandardCharsets.UTF_8);
    var plain = read(all);
    assertThat(read(all.replace("\n", "\r\n"))).isEqualTo(plain);
    assertThat(read(all.stripTrailing())).isEqualTo(plain);
  }

  private static Answers.Read read(String text) {
    return Answers.read(new OllamaReader(), List.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  @DisplayName("T46 a field that nobody here knows reaches an engine of the client's dialect only")
  void an_unknown_field_passes() {
    for (String dialect : List.of("ollama", "openai", "anthropic")) {
      Work work = RequestGoldenTest.parse(path(dialect), request()).work();
      assertThat(told(new OllamaEngine(), work).has("unheard_of"))
          .isEqualTo(dialect.equals("ollama"));
      assertThat(told(new AnthropicEngine(), work).has("unheard_of"))
          .isEqualTo(dialect.equals("anthropic"));
      assertThat(
              Arrays.stream(OpenAiEngine.Flavour.values())
                  .map(flavour -> told(OpenAiEngine.of(flavour), work).has("unheard_of")))
          .allMatch(has -> has == dialect.equals("openai"));
    }
  }

  private static String path(String dialect) {
    return switch (dialect) {
      case "ollama" -> "ollama-chat.";
      case "openai" -> "openai-chat.";
      default -> "anthropic-messages.";
    };
  }

  private static byte[] request() {
    return """
    {"model":"m","max_tokens":9,"unheard_of":{"a":1},
     "messages":[{"role":"user","content":"?"}]}\
    """
        .getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode told(EngineDialect engine, Work work) {
    return Json.read(engine.call(work, "engine-name").body());
  }
}
