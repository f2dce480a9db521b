package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class WritersTest {
  private static final Delta FINISH = new Delta.Finish(Delta.Reason.STOP);
  private static final Failure LOST =
      Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "gone");

  private static String stream(AnswerSketch sketch, Delta... deltas) {
    return Answers.write(AnswerWriters.of(sketch, true, Answers.CONTEXT), deltas);
  }

  @Test
  void usage_is_only_told_to_who_asked() {
    var quiet = new AnswerSketch(Endpoint.OPENAI_CHAT, "m", false, false);
    var usage = new Delta.Usage(1, 0, 2, 0, 0, 0);
    assertThat(stream(quiet, new Delta.Content("a"), FINISH, usage)).doesNotContain("usage");
    assertThat(stream(Answers.sketch(Endpoint.OPENAI_CHAT), FINISH, usage))
        .contains("\"choices\":[],\"usage\":{\"prompt_tokens\":1,");
  }

  @Test
  void an_empty_answer_still_says_who_speaks_and_why_it_ends() {
    assertThat(stream(new AnswerSketch(Endpoint.OPENAI_CHAT, "m", false, false), FINISH))
        .isEqualTo(
            """
            data: {"id":"chatcmpl-abc123","object":"chat.completion.chunk","created":1700000000,\
            "model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},\
            "finish_reason":"stop"}]}

            data: [DONE]

            """);
  }

  @Test
  void there_is_one_finish_whatever_the_engine_says() {
    String out =
        stream(Answers.sketch(Endpoint.OPENAI_CHAT), FINISH, new Delta.Finish(Delta.Reason.LENGTH));
    assertThat(out).containsOnlyOnce("\"finish_reason\":\"").doesNotContain("length");
  }

  @ParameterizedTest
  @EnumSource(Endpoint.class)
  void an_end_is_never_made_up(Endpoint endpoint) {
    for (boolean stream : new boolean[] {true, false}) {
      AnswerWriter writer = Answers.writer(endpoint, stream);
      assertThatExceptionOfType(MeshException.class)
          .isThrownBy(writer::end)
          .matches(thrown -> thrown.failure().code() == FailureCode.BROKEN_STREAM);
    }
  }

  @Test
  void a_broken_stream_ends_with_the_dialects_own_error_record() {
    assertThat(Answers.text(Answers.writer(Endpoint.OPENAI_CHAT, true).error(LOST)))
        .isEqualTo(
            """
            data: {"error":{"message":"gone","type":"server_error","param":null,\
            "code":"broken_stream"}}

            """);
    assertThat(Answers.text(Answers.writer(Endpoint.OLLAMA_CHAT, true).error(LOST)))
        .isEqualTo("{\"error\":\"gone\"}\n");
    assertThat(Answers.text(Answers.writer(Endpoint.OPENAI_CHAT, false).error(LOST)))
        .startsWith("{\"error\":{\"message\":\"gone\"");
  }

  @ParameterizedTest
  @EnumSource(FailureCode.class)
  void no_failure_in_a_stream_blames_the_client(FailureCode code) {
    var failure = Failure.of(code, Retry.UNSAFE_MAY_HAVE_ACTED, "x");
    assertThat(Answers.text(Answers.writer(Endpoint.OPENAI_CHAT, true).error(failure)))
        .doesNotContain("invalid_request");
  }

  @ParameterizedTest
  @EnumSource(
      value = Endpoint.class,
      mode = Mode.EXCLUDE,
      names = {"OPENAI_EMBEDDINGS", "OLLAMA_EMBED", "OLLAMA_EMBEDDINGS", "ANTHROPIC_COUNT_TOKENS"})
  void a_writer_that_begins_anew_has_forgotten_everything(Endpoint endpoint) {
    List<Delta> deltas =
        List.of(
            new Delta.Content("b"),
            new Delta.ToolCall(0, "", "f", "{}"),
            new Delta.Finish(Delta.Reason.TOOL_CALLS));
    for (boolean stream : new boolean[] {true, false}) {
      AnswerWriter writer = Answers.writer(endpoint, stream);
      writer.delta(new Delta.Content("a"));
      writer.delta(new Delta.Reasoning("r"));
      writer.delta(new Delta.ToolCall(0, "x", "old", "{\"a\":"));
      writer.delta(new Delta.Usage(9, 9, 9, 9, 9, 9));
      writer.restart();
      assertThat(Answers.write(writer, deltas))
          .isEqualTo(Answers.write(Answers.writer(endpoint, stream), deltas));
    }
  }

  @Test
  void half_a_tools_arguments_are_never_given_to_an_ollama_client() {
    AnswerWriter writer = Answers.writer(Endpoint.OLLAMA_CHAT, true);
    assertThat(writer.delta(new Delta.ToolCall(0, "a", "f", "{\"x\":"))).isEmpty();
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> writer.delta(new Delta.Finish(Delta.Reason.LENGTH)))
        .withMessage("the engine called a tool with arguments that are no JSON object");
  }

  @Test
  void an_answer_without_end_is_not_gathered_for_ever() {
    AnswerWriter writer = Answers.writer(Endpoint.OPENAI_CHAT, false);
    var megabyte = new Delta.Content("x".repeat(1024 * 1024));
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> {
          for (int i = 0; i <= 32; i++) {
            writer.delta(megabyte);
          }
        })
        .withMessageContaining("too long");
  }

  @Test
  void a_virtual_model_is_answered_by_name_to_openai_and_as_asked_to_ollama() {
    assertThat(stream(new AnswerSketch(Endpoint.OPENAI_CHAT, "auto:code", false, false), FINISH))
        .contains("\"model\":\"real-one\"");
    assertThat(stream(new AnswerSketch(Endpoint.OLLAMA_CHAT, "auto", false, false), FINISH))
        .contains("\"model\":\"auto\"");
  }

  @Test
  void vectors_have_each_dialects_shape() {
    var vectors = new Delta.Vectors(List.of(new float[] {3, 4}, new float[] {0, 1}));
    var usage = new Delta.Usage(5, 0, 0, 1, 2, 0);
    assertThat(Answers.write(Answers.writer(Endpoint.OPENAI_EMBEDDINGS, true), vectors, usage))
        .isEqualTo(
            """
            {"object":"list","data":[{"object":"embedding","index":0,"embedding":[3.0,4.0]},\
            {"object":"embedding","index":1,"embedding":[0.0,1.0]}],"model":"asked:latest",\
            "usage":{"prompt_tokens":5,"total_tokens":5}}\
            """);
    var base64 = new AnswerSketch(Endpoint.OPENAI_EMBEDDINGS, "e", false, true);
    assertThat(Answers.write(AnswerWriters.of(base64, false, Answers.CONTEXT), vectors))
        .contains("\"embedding\":\"AABAQAAAgEA=\"");
    assertThat(Answers.write(Answers.writer(Endpoint.OLLAMA_EMBED, false), vectors, usage))
        .isEqualTo(
            """
            {"model":"asked:latest","embeddings":[[0.6,0.8],[0.0,1.0]],"total_duration":3,\
            "load_duration":1,"prompt_eval_count":5}\
            """);
    assertThat(Answers.write(Answers.writer(Endpoint.OLLAMA_EMBEDDINGS, false), vectors))
        .isEqualTo("{\"embedding\":[3.0,4.0]}");
    assertThat(
            Answers.write(
                Answers.writer(Endpoint.OLLAMA_EMBEDDINGS, false), new Delta.Vectors(List.of())))
        .isEqualTo("{\"embedding\":[]}");
  }

  @Test
  void loading_and_unloading_are_answered_by_one_object() {
    assertThat(Answers.write(Answers.writer(Endpoint.OLLAMA_CHAT, false), new Delta.Resident(true)))
        .isEqualTo(
            """
            {"model":"asked:latest","created_at":"2026-01-01T00:00:00.5Z","message":\
            {"role":"assistant","content":""},"done":true,"done_reason":"load"}\
            """);
    assertThat(
            Answers.write(
                Answers.writer(Endpoint.OLLAMA_GENERATE, false), new Delta.Resident(false)))
        .isEqualTo(
            """
            {"model":"asked:latest","created_at":"2026-01-01T00:00:00.5Z","response":"",\
            "done":true,"done_reason":"unload"}\
            """);
  }

  @Test
  void the_media_type_is_that_of_the_dialect() {
    assertThat(Answers.writer(Endpoint.OPENAI_CHAT, true).contentType())
        .isEqualTo("text/event-stream");
    assertThat(Answers.writer(Endpoint.OLLAMA_CHAT, true).contentType())
        .isEqualTo("application/x-ndjson");
    assertThat(Answers.writer(Endpoint.OLLAMA_EMBED, true).contentType())
        .isEqualTo("application/json");
    assertThat(Answers.writer(Endpoint.OLLAMA_EMBED, true).streams()).isFalse();
    assertThat(Answers.writer(Endpoint.OPENAI_COMPLETIONS, true).streams()).isTrue();
  }
}
