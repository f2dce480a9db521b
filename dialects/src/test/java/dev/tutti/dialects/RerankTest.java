package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RerankTest {
  private static final String LLAMA =
      """
      {"model":"x","object":"list","usage":{"prompt_tokens":9,"total_tokens":9},"results":[
      {"index":0,"relevance_score":-1.5},{"index":2,"relevance_score":3.25},
      {"index":1,"relevance_score":0.5}]}
      """;
  private static final String VLLM =
      """
      {"id":"rerank-1","model":"x","usage":{"total_tokens":9},"results":[
      {"index":1,"document":{"text":"b"},"relevance_score":0.9}]}
      """;

  private static ClientRequest request(String more) {
    String body =
        "{\"model\":\"ranker\",\"query\":\"q\",\"documents\":[\"a\",{\"text\":\"b\"},\"c\"],"
            + more
            + "}";
    return RerankRequests.read(body.getBytes(StandardCharsets.UTF_8));
  }

  static Work.Rerank work(String more) {
    return (Work.Rerank) request(more).work();
  }

  private static String told(ClientRequest request, String engine) {
    AnswerReader reader = OpenAiEngine.of(OpenAiEngine.Flavour.LLAMA_SERVER).reader(request.work());
    List<Delta> deltas = Answers.deltas(reader, engine);
    return Answers.write(AnswerWriters.of(request.sketch(), false, Answers.CONTEXT), deltas);
  }

  @Test
  void the_best_come_first_and_no_more_than_asked_for() {
    assertThat(told(request("\"top_n\":2"), LLAMA))
        .isEqualTo(
            """
            {"object":"list","model":"ranker","results":[{"index":2,"relevance_score":3.25},\
            {"index":1,"relevance_score":0.5}],"usage":{"prompt_tokens":9,"total_tokens":9}}\
            """);
  }

  @Test
  void documents_are_repeated_where_that_was_asked_for() {
    assertThat(told(request("\"top_n\":1,\"return_documents\":true"), VLLM))
        .contains("{\"index\":1,\"relevance_score\":0.9,\"document\":{\"text\":\"b\"}}");
  }

  @Test
  void engines_are_told_the_texts() {
    EngineDialect.EngineCall call =
        OpenAiEngine.of(OpenAiEngine.Flavour.VLLM).call(work("\"top_n\":2,\"own\":1"), "there");
    assertThat(call.path()).isEqualTo("/v1/rerank");
    assertThat(Answers.text(call.body()))
        .isEqualTo(
            """
            {"own":1,"model":"there","query":"q","documents":["a","b","c"],"top_n":2}\
            """);
  }

  @Test
  void engines_that_do_not_rerank_say_so_before_they_start() {
    for (EngineDialect engine :
        List.of(new OllamaEngine(), OpenAiEngine.of(OpenAiEngine.Flavour.LM_STUDIO))) {
      assertThatExceptionOfType(MeshException.class)
          .isThrownBy(() -> engine.call(work("\"top_n\":2"), "m"))
          .withMessageContaining("does not rerank")
          .matches(refused -> refused.failure().code() == FailureCode.UNSUPPORTED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"error\":{\"message\":\"no\"}}",
        "{\"results\":[{\"index\":0}]}",
        "{\"results\":[{\"index\":3,\"relevance_score\":1}]}",
        "{\"results\":[{\"index\":0,\"relevance_score\":1},{\"index\":0,\"relevance_score\":2}]}",
      })
  void what_is_no_ranking_is_an_engines_error(String engine) {
    assertThat(Answers.failure(new RerankReader(work("\"top_n\":2")), engine).code())
        .isEqualTo(FailureCode.ENGINE_ERROR);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"m\",\"documents\":[\"a\"]}|query: missing",
        "{\"model\":\"m\",\"query\":\"q\"}|documents: missing",
        "{\"model\":\"m\",\"query\":\"q\",\"documents\":[]}|documents: empty",
        "{\"model\":\"m\",\"query\":\"q\",\"documents\":[1]}|documents[0]: 1",
        "{\"model\":\"m\",\"query\":\"q\",\"documents\":[\"a\"],\"top_n\":0}|top_n: 0",
      })
  void what_is_wrong_is_refused_by_name(String body, String message) {
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> RerankRequests.read(body.getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining(message);
  }
}
