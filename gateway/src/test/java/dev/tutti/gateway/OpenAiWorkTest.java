package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.fleet.Health;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiWorkTest {
  private static final String FORM =
      """
      --X\r
      content-disposition: form-data; name="model"\r
      \r
      hears\r
      --X\r
      content-disposition: form-data; name="response_format"\r
      \r
      srt\r
      --X\r
      content-disposition: form-data; name="file"; filename="a.wav"\r
      content-type: audio/wav\r
      \r
      sound\r
      --X--\r
      """;

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend(
                  "eve/ollama",
                  Health.UP,
                  Fleets.model("m", "d"),
                  Fleets.embedder("bge"),
                  Fleets.able("hears", "audio"))));
  private final FakeEngine engine = rig.engine("eve/ollama");

  @AfterEach
  void close() {
    rig.close();
  }

  private HttpResponse<String> transcribe(String form, String type) {
    return rig.send(
        rig.request("/v1/audio/transcriptions")
            .header("content-type", type)
            .POST(BodyPublishers.ofString(form)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/rerank", "/v1/reranking", "/rerank", "/reranking"})
  void documents_are_ranked_by_a_model_of_any_kind(String path) {
    engine.script(play -> {
      play.give(new Delta.Ranking(List.of(new Delta.Rank(1, 0.5))));
      play.finish();
    });
    HttpResponse<String> answer =
        rig.post(
            path, "{\"model\":\"bge\",\"query\":\"q\",\"documents\":[\"a\",\"b\"],\"top_n\":1}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"results\":[{\"index\":1,\"relevance_score\":0.5}]");
    assertThat(rig.post(path, "{\"model\":\"bge\"}").body()).contains("\"param\":null");
  }

  @Test
  void a_recording_is_written_down_in_the_format_that_was_asked_for() {
    engine.script(play -> {
      play.give(new Delta.Transcript("1\n00:00".getBytes(StandardCharsets.UTF_8)));
      play.finish();
    });
    HttpResponse<String> answer = transcribe(FORM, "multipart/form-data; boundary=X");

    assertThat(answer.body()).isEqualTo("1\n00:00");
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
    var work = (Work.Transcription) engine.plays.getFirst().task.work();
    assertThat(work.audio()).isEqualTo("sound".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_model_that_does_not_hear_is_refused_before_work_starts() {
    HttpResponse<String> answer =
        transcribe(FORM.replace("hears", "m"), "multipart/form-data; boundary=X");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("does not support audio");
    assertThat(transcribe(FORM, "application/json").body()).contains("content-type: another");
    assertThat(engine.plays).isEmpty();
  }

  @Test
  void tokens_of_a_responses_input_are_estimated_where_nobody_counts() {
    HttpResponse<String> answer =
        rig.post("/v1/responses/input_tokens", "{\"model\":\"m\",\"input\":\"hello there\"}");

    assertThat(answer.headers().firstValue("x-tutti-estimate")).hasValue("true");
    assertThat(answer.body())
        .matches("\\{\"object\":\"response.input_tokens\",\"input_tokens\":[0-9]+}");
  }
}
