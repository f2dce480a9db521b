package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokenAnswerTest {
  private static final String GARBAGE = "the engine sent something that is no answer";
  private static final String BROKEN = "the engine's stream ended before its answer did";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openai | data: {'error':{'message':'out of memory','code':500}}~~ | engine: out of memory",
        "openai | data: {'error':'plain text'}~~ | engine: plain text",
        "openai | event: error~data: {'message':'boom'}~~ | engine: boom",
        "openai | event: error~data: boom~~ | engine: boom",
        "openai | error: {'code':500,'message':'older'}~~ | engine: older",
        "openai | data: {'object':'error','message':'vllm','code':400}~~ | engine: vllm",
        "openai | {'error':{'message':'whole','type':'x'}} | engine: whole",
        "openai | {'error':{'message':'<html>no</html>'}} | the engine failed while it answered",
        "openai | data: {'choices':[{'index':0,'delta':{},'finish_reason':'abort'}]}~~ | engine: generation ended with abort",
        "anthropic | event: error~data: {'type':'error','error':{'type':'overloaded_error','message':'Overloaded'}}~~ | engine: Overloaded",
        "anthropic | data: {'type':'error','error':{'message':'unnamed'}}~~ | engine: unnamed",
        "anthropic | event: error~data: {'type':'error','error':{'message':'no line end'}} | engine: no line end",
        "anthropic | {'type':'error','error':{'message':'in one piece'}} | engine: in one piece",
        "ollama | {'error':'an error was encountered'}~ | engine: an error was encountered",
        "ollama | {'error':{'message':'object'}}~ | engine: object",
        "ollama | {'error':'no line end'} | engine: no line end",
      })
  void an_engines_own_error_keeps_its_words(String engine, String bytes, String message) {
    assertThat(Answers.failure(Answers.reader(engine), shown(bytes)))
        .isEqualTo(Failure.of(FailureCode.ENGINE_ERROR, Retry.UNSAFE_MAY_HAVE_ACTED, message));
  }

  private static String shown(String bytes) {
    return bytes.replace('\'', '"').replace('~', '\n');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openai | <html><body>502</body></html>",
        "openai | Internal Server Error~",
        "openai | data: {oops}~~",
        "openai | data: [1]~~",
        "openai | data: {} {}~~",
        "openai | data: {'choices':3}~~",
        "openai | data: {'choices':[{'delta':{'content':3}}]}~~",
        "openai | data: {'choices':[{'delta':'x'}]}~~",
        "openai | data: {'usage':{'prompt_tokens':'many'}}~~",
        "openai | data: [DONE]~~",
        "openai | {'models':[]}",
        "anthropic | <html><body>502</body></html>",
        "anthropic | {'models':[]}",
        "anthropic | data: [1]~~",
        "anthropic | data: [DONE]~~",
        "anthropic | data: {'type':3}~~",
        "anthropic | data: {'type':'content_block_delta','delta':'x'}~~",
        "anthropic | data: {'type':'content_block_delta','index':'x'}~~",
        "anthropic | data: {'type':'message_delta','usage':{'output_tokens':'many'}}~~",
        "anthropic | data: {'type':'message_stop'}~~",
        "ollama | <html></html>~",
        "ollama | hello~",
        "ollama | []~",
        "ollama | {'message':'x'}~",
        "ollama | {'done':'yes'}~",
        "ollama | {'message':{'content':[]}}~",
        "ollama | {'response':'x'} trailing~",
      })
  void what_is_no_answer_is_said_to_be_none(String engine, String bytes) {
    assertThat(Answers.failure(Answers.reader(engine), shown(bytes)))
        .isEqualTo(Failure.of(FailureCode.ENGINE_ERROR, Retry.UNSAFE_MAY_HAVE_ACTED, GARBAGE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "openai | `` ",
        "openai | : only a comment~~",
        "openai | data: {'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':null}]}~~",
        "openai | data: {'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':''}]}~~",
        "openai | data: {'choices':[{'ind",
        "openai | {'choices':[{'ind",
        "anthropic | `` ",
        "anthropic | event: ping~data: {'type':'ping'}~~",
        "anthropic | {'type':'message','content':[{'type':'text','text':'a'}]}",
        "anthropic | {'type':'message','content':[{'type':'te",
        "anthropic | data: {'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'a'}}~~",
        "anthropic | data: {'type':'message_delta','delta':{'stop_reason':'end_turn'}}~~",
        "anthropic | data: {'type':'message_delta','delta':{'stop_reason':'end_turn'}}~~data: {'type':'mess",
        "ollama | `` ",
        "ollama | {'response':'a','done':false}~",
        "ollama | {'response':'a','do",
      })
  void an_answer_that_stops_in_the_middle_is_broken(String engine, String bytes) {
    assertThat(Answers.failure(Answers.reader(engine), shown(bytes)))
        .isEqualTo(Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, BROKEN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "ollama", "anthropic"})
  void a_line_without_end_is_refused_at_its_limit(String engine) {
    AnswerReader reader = Answers.reader(engine);
    byte[] piece = "x".repeat(1024 * 1024).getBytes(StandardCharsets.UTF_8);
    var pieces = new ArrayList<byte[]>();
    pieces.add("data: \"".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 9; i++) {
      pieces.add(piece);
    }
    Failure failure = Answers.read(reader, pieces).failure().orElseThrow();
    assertThat(failure.message())
        .isEqualTo("the engine's answer is too long (expected: at most 8388608 bytes)");
    assertThat(failure.code()).isEqualTo(FailureCode.ENGINE_ERROR);
  }

  @Test
  void data_over_endless_lines_is_refused_at_its_limit() {
    var pieces = new ArrayList<byte[]>();
    byte[] line = ("data: " + "x".repeat(1024 * 1024) + "\n").getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 9; i++) {
      pieces.add(line);
    }
    assertThat(Answers.read(Answers.reader("openai"), pieces).failure().orElseThrow().message())
        .contains("too long");
  }

  @Test
  void an_answer_in_one_piece_is_refused_at_its_limit() {
    byte[] piece = ("{" + " ".repeat(1024 * 1024)).getBytes(StandardCharsets.UTF_8);
    assertThat(
            Answers.read(Answers.reader("openai"), Collections.nCopies(65, piece))
                .failure()
                .orElseThrow()
                .message())
        .contains("too long");
  }

  @Test
  void deep_json_in_a_record_is_no_answer() {
    String deep = "[".repeat(100_000);
    assertThat(Answers.failure(Answers.reader("openai"), "data: {\"x\":" + deep + "\n\n").message())
        .isEqualTo(GARBAGE);
    assertThat(Answers.failure(Answers.reader("ollama"), "{\"x\":" + deep + "\n").message())
        .isEqualTo(GARBAGE);
  }

  @Test
  void more_tool_calls_than_anybody_makes_are_refused() {
    var calls = new StringBuilder("{\"message\":{\"tool_calls\":[");
    for (int i = 0; i <= ToolCalls.MAX_CALLS; i++) {
      calls.append(i == 0 ? "" : ",").append("{\"function\":{\"name\":\"f\"}}");
    }
    assertThat(Answers.failure(Answers.reader("ollama"), calls + "]}}\n").message())
        .isEqualTo("engine: more than 1024 tool calls");
    var blocks = new StringBuilder();
    for (int i = 0; i <= ToolCalls.MAX_CALLS; i++) {
      blocks.append("data: {\"type\":\"content_block_start\",\"index\":" + i);
      blocks.append(",\"content_block\":{\"type\":\"tool_use\",\"name\":\"f\"}}\n\n");
    }
    assertThat(Answers.failure(Answers.reader("anthropic"), blocks.toString()).message())
        .isEqualTo("engine: more than 1024 tool calls");
  }

  @Test
  void the_deltas_before_an_error_have_been_told() {
    var read =
        Answers.read(
            Answers.reader("ollama"),
            List.of(
                "{\"response\":\"a\",\"done\":false}\n{\"error\":\"x\"}\n"
                    .getBytes(StandardCharsets.UTF_8)));
    assertThat(read.deltas()).containsExactly("Content[text=a]");
    assertThat(read.failure().orElseThrow().message()).isEqualTo("engine: x");
  }
}
