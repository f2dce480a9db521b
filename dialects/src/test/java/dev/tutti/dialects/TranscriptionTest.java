package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TranscriptionTest {
  private static final String TYPE = "multipart/form-data; boundary=X7";

  private static String field(String name, String value) {
    return "--X7\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }

  private static String file(String content) {
    return "--X7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".wav\"\r\n"
        + "Content-Type: audio/wav\r\n\r\n"
        + content
        + "\r\n";
  }

  private static byte[] form(String... parts) {
    return (String.join("", parts) + "--X7--\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Work.Transcription read(byte[] body) {
    return (Work.Transcription) TranscriptionRequests.read(body, TYPE).work();
  }

  @Test
  void a_form_is_taken_apart() {
    Work.Transcription work =
        read(
            form(
                field("model", "whisper"),
                field("timestamp_granularities[]", "word"),
                field("timestamp_granularities[]", "segment"),
                field("response_format", "verbose_json"),
                field("prompt", ""),
                file("RI\r\n--X\r\nFF\u00ff\u0000")));
    assertThat(work.model()).isEqualTo("whisper");
    assertThat(work.audio())
        .isEqualTo("RI\r\n--X\r\nFF\u00ff\u0000".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(work.fileName()).isEqualTo("a \"b\".wav");
    assertThat(work.mediaType()).isEqualTo("audio/wav");
    assertThat(work.fields())
        .extracting(field -> field.name() + "=" + field.value())
        .containsExactly(
            "timestamp_granularities[]=word",
            "timestamp_granularities[]=segment",
            "response_format=verbose_json",
            "prompt=");
  }

  @Test
  void engines_are_given_the_same_form_with_their_own_name_of_the_model() {
    Work.Transcription work =
        read(form(file("sound"), field("model", "m"), field("language", "de")));
    for (EngineDialect engine :
        List.of(OpenAiEngine.of(OpenAiEngine.Flavour.VLLM), new OllamaEngine())) {
      EngineDialect.EngineCall call = engine.call(work, "org/whisper");
      assertThat(call.path()).isEqualTo("/v1/audio/transcriptions");
      String type = call.headers().getOrDefault("content-type", "");
      assertThat(type).isEqualTo("multipart/form-data; boundary=\"X7\"");
      var again = (Work.Transcription) TranscriptionRequests.read(call.body(), type).work();
      assertThat(again.model()).isEqualTo("org/whisper");
      assertThat(again.audio()).isEqualTo(work.audio());
      assertThat(again.fileName()).isEqualTo("a %22b%22.wav");
      assertThat(again.mediaType()).isEqualTo("audio/wav");
      assertThat(again.fields()).isEqualTo(work.fields());
    }
  }

  @Test
  void what_an_engine_cannot_do_is_said_before_it_starts() {
    Work.Transcription srt =
        read(form(file("s"), field("model", "m"), field("response_format", "srt")));
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> new OllamaEngine().call(srt, "m"))
        .withMessageStartingWith("response_format: srt")
        .matches(refused -> refused.failure().retry() == Retry.SAFE_NOT_STARTED);
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> OpenAiEngine.of(OpenAiEngine.Flavour.LM_STUDIO).call(srt, "m"))
        .withMessage("LM Studio does not transcribe");
  }

  @ParameterizedTest
  @CsvSource({
    "json, {\"text\":\"hi\"}, {\"text\":\"hi\"}, application/json",
    "text, hi, hi, text/plain; charset=utf-8",
    "text, {\"text\":\"hi\"}, hi, text/plain; charset=utf-8",
    "srt, 1 00:00 hi, 1 00:00 hi, text/plain; charset=utf-8",
    "vtt, WEBVTT, WEBVTT, text/plain; charset=utf-8",
  })
  void a_transcript_comes_in_the_format_that_was_asked_for(
      String format, String said, String told, String mediaType) {
    ClientRequest request =
        TranscriptionRequests.read(
            form(file("s"), field("model", "m"), field("response_format", format)), TYPE);
    AnswerReader reader = OpenAiEngine.of(OpenAiEngine.Flavour.GENERIC).reader(request.work());
    List<Delta> deltas = Answers.deltas(reader, said);
    AnswerWriter writer = AnswerWriters.of(request.sketch(), false, Answers.CONTEXT);
    assertThat(Answers.write(writer, deltas)).isEqualTo(told);
    assertThat(writer.contentType()).isEqualTo(mediaType);
  }

  @Test
  void an_error_is_never_taken_for_a_transcript() {
    for (String format : new String[] {"json", "text", "srt"}) {
      assertThat(Answers.failure(new TranscriptReader(format), "{\"error\":\"no\"}").code())
          .isEqualTo(FailureCode.ENGINE_ERROR);
    }
    assertThat(Answers.failure(new TranscriptReader("json"), "hi").code())
        .isEqualTo(FailureCode.ENGINE_ERROR);
    assertThat(Answers.failure(new TranscriptReader("srt"), "{\"text\":\"hi\"}").message())
        .contains("another format");
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 405, 501})
  void an_engine_without_the_path_cannot_do_it(int status) {
    for (AnswerReader reader :
        List.of(new TranscriptReader("json"), new RerankReader(RerankTest.work("\"top_n\":1")))) {
      Failure failure = reader.refused(status, "", new byte[0]);
      assertThat(failure.code()).isEqualTo(FailureCode.UNSUPPORTED);
      assertThat(failure.retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
      assertThat(failure.message()).startsWith("the engine does not ");
    }
  }

  @Test
  void streams_are_refused_by_name() {
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> read(form(file("s"), field("model", "m"), field("stream", "true"))))
        .withMessageStartingWith("stream: true");
  }

  @Test
  void what_is_no_such_form_is_refused() {
    refused(form(file("s")), "model: missing");
    refused(form(field("model", "m")), "file: missing");
    refused(form(field("model", "m"), file("")), "file: missing");
    refused(form(file("s"), file("t"), field("model", "m")), "another file");
    refused(form(file("s"), field("model", "m"), field("response_format", "x")), "response_format");
    refused("nothing".getBytes(StandardCharsets.UTF_8), "no part");
    refused("--X7\r\nno: end".getBytes(StandardCharsets.UTF_8), "headers of a part without an end");
    refused(file("cut").getBytes(StandardCharsets.UTF_8), "a part without an end");
    refused("--X7 x".getBytes(StandardCharsets.UTF_8), "no line end");
    refused(form("--X7\r\na: b\r\n\r\nc\r\n"), "a part without a name");
    String[] many = new String[MultipartForm.MAX_PARTS + 1];
    java.util.Arrays.fill(many, field("a", "b"));
    refused(form(many), "more than 64 parts");
    refused(form(field("model", "x".repeat(MultipartForm.MAX_FIELD_BYTES + 1))), "a field longer");
    refused(form(field("model", "\u00ff")), "not UTF-8");
  }

  private static void refused(byte[] body, String why) {
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> read(body))
        .withMessageContaining(why)
        .matches(refused -> refused.failure().code() == FailureCode.INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=\"a b\""
      })
  void another_media_type_is_refused(String type) {
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> TranscriptionRequests.read(new byte[0], type))
        .withMessageStartingWith("content-type: another");
  }
}
