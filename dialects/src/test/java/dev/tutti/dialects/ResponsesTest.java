package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ResponsesTest {
  private static final Delta STOP = new Delta.Finish(Delta.Reason.STOP);
  private static final Delta CALLS = new Delta.Finish(Delta.Reason.TOOL_CALLS);
  private static final String TOOLS =
      """
      ,"tools":[{"type":"function","name":"f"},{"type":"custom","name":"patch"},
      {"type":"namespace","name":"ns","description":"d","tools":[{"type":"function","name":"g"}]}]
      """;

  private static ClientRequest request(String more) {
    String body = "{\"model\":\"m\",\"input\":\"hi\"" + more + "}";
    return ResponsesRequests.create(body.getBytes(StandardCharsets.UTF_8));
  }

  private static AnswerWriter writer(boolean stream, String more) {
    return AnswerWriters.of(request(more).sketch(), stream, Answers.CONTEXT);
  }

  /// The events of a stream; that the event's line and its data agree is checked on the way.
  private static List<JsonNode> events(String stream) {
    var events = new ArrayList<JsonNode>();
    for (String frame : stream.strip().split("\n\n", -1)) {
      String[] lines = frame.split("\n", -1);
      assertThat(lines).hasSize(2);
      JsonNode data =
          Json.read(lines[1].substring("data: ".length()).getBytes(StandardCharsets.UTF_8));
      assertThat(lines[0]).isEqualTo("event: " + data.get("type").stringValue());
      assertThat(data.get("sequence_number").intValue()).isEqualTo(events.size());
      events.add(data);
    }
    return events;
  }

  private static List<String> types(List<JsonNode> events) {
    return events.stream().map(event -> event.get("type").stringValue()).toList();
  }

  private static JsonNode whole(String more, Delta... deltas) {
    return Json.read(Answers.write(writer(false, more), deltas).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_stream_tells_each_item_from_its_beginning_to_its_end() {
    List<JsonNode> events =
        events(
            Answers.write(
                writer(true, TOOLS),
                new Delta.Reasoning("think"),
                new Delta.Content("Hel"),
                new Delta.Content("lo"),
                new Delta.ToolCall(0, "call_9", "f", ""),
                new Delta.ToolCall(0, "", "", "{\"a\":1}"),
                CALLS,
                new Delta.Usage(5, 2, 7, 0, 0, 0)));
    assertThat(types(events))
        .containsExactly(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.reasoning_text.delta",
            "response.reasoning_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed");
    JsonNode last = events.getLast().get("response");
    assertThat(last.get("id")).isEqualTo(events.getFirst().at("/response/id"));
    assertThat(last.at("/output/0/content/0/text").stringValue()).isEqualTo("think");
    assertThat(last.at("/output/1/content/0/text").stringValue()).isEqualTo("Hello");
    assertThat(last.at("/output/2/call_id").stringValue()).isEqualTo("call_9");
    assertThat(last.at("/output/2/arguments").stringValue()).isEqualTo("{\"a\":1}");
    assertThat(last.at("/usage/total_tokens").intValue()).isEqualTo(12);
    assertThat(last.at("/usage/input_tokens_details/cached_tokens").intValue()).isEqualTo(2);
    assertThat(last.get("store").booleanValue()).isFalse();
  }

  @Test
  void the_whole_answer_is_what_the_stream_ends_with() {
    Delta[] deltas = {
      new Delta.Reasoning("r"), new Delta.Content("c"), new Delta.ToolCall(0, "", "f", ""), CALLS
    };
    List<JsonNode> events = events(Answers.write(writer(true, TOOLS), deltas));
    assertThat(whole(TOOLS, deltas)).isEqualTo(events.getLast().get("response"));
  }

  @Test
  void reasoning_takes_the_place_of_a_summary_that_was_asked_for() {
    JsonNode answer =
        whole(",\"reasoning\":{\"summary\":\"auto\"}", new Delta.Reasoning("because"), STOP);
    assertThat(answer.at("/output/0/summary/0/text").stringValue()).isEqualTo("because");
    assertThat(answer.at("/output/0").has("content")).isFalse();
  }

  @Test
  void a_custom_tool_is_called_with_plain_text() {
    Delta[] deltas = {
      new Delta.ToolCall(0, "c1", "patch", "{\"input\":\"*** Be"),
      new Delta.ToolCall(0, "", "", "gin\"}"),
      CALLS
    };
    JsonNode item = whole(TOOLS, deltas).at("/output/0");
    assertThat(item.get("type").stringValue()).isEqualTo("custom_tool_call");
    assertThat(item.get("input").stringValue()).isEqualTo("*** Begin");
    assertThat(types(events(Answers.write(writer(true, TOOLS), deltas))))
        .contains("response.custom_tool_call_input.delta", "response.custom_tool_call_input.done");
    JsonNode odd = whole(TOOLS, new Delta.ToolCall(0, "c1", "patch", "*** Begin"), CALLS);
    assertThat(odd.at("/output/0/input").stringValue()).isEqualTo("*** Begin");
  }

  @Test
  void a_call_of_a_namespaces_tool_names_both() {
    JsonNode item = whole(TOOLS, new Delta.ToolCall(0, "c1", "ns__g", "{}"), CALLS).at("/output/0");
    assertThat(item.get("namespace").stringValue()).isEqualTo("ns");
    assertThat(item.get("name").stringValue()).isEqualTo("g");
  }

  @Test
  void an_answer_that_ran_out_of_tokens_is_incomplete() {
    Delta[] deltas = {new Delta.Content("half"), new Delta.Finish(Delta.Reason.LENGTH)};
    List<JsonNode> events = events(Answers.write(writer(true, ""), deltas));
    JsonNode last = events.getLast();
    assertThat(last.get("type").stringValue()).isEqualTo("response.incomplete");
    assertThat(last.at("/response/incomplete_details/reason").stringValue())
        .isEqualTo("max_output_tokens");
    assertThat(last.at("/response/output/0/status").stringValue()).isEqualTo("incomplete");
  }

  @Test
  @DisplayName("T12 a broken stream of a response ends with a failure and an error, never an end")
  void a_broken_stream_says_so_in_both_ways() {
    AnswerWriter writer = writer(true, "");
    String begun = Answers.text(writer.delta(new Delta.Content("Hel")));
    var lost = Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "gone");
    List<JsonNode> events = events(begun + Answers.text(writer.error(lost)));
    assertThat(types(events))
        .endsWith("response.failed", "error")
        .doesNotContain("response.completed");
    JsonNode failed = events.get(events.size() - 2).get("response");
    assertThat(failed.get("status").stringValue()).isEqualTo("failed");
    assertThat(failed.at("/error/message").stringValue()).isEqualTo("gone");
    assertThat(failed.at("/output/0/content/0/text").stringValue()).isEqualTo("Hel");
    assertThat(events.getLast().at("/error/message").stringValue()).isEqualTo("gone");
    assertThat(events.getLast().get("code").stringValue()).isEqualTo("broken_stream");
  }

  @Test
  void usage_is_told_only_where_the_engine_told_it() {
    assertThat(whole("", STOP).has("usage")).isFalse();
  }

  @Test
  void interleaved_calls_keep_their_own_arguments() {
    JsonNode answer =
        whole(
            TOOLS,
            new Delta.ToolCall(0, "a", "f", "{\"x\":"),
            new Delta.ToolCall(1, "b", "f", "{\"y\":"),
            new Delta.ToolCall(0, "", "", "1}"),
            new Delta.ToolCall(1, "", "", "2}"),
            CALLS);
    assertThat(answer.at("/output/0/arguments").stringValue()).isEqualTo("{\"x\":1}");
    assertThat(answer.at("/output/1/arguments").stringValue()).isEqualTo("{\"y\":2}");
  }

  @Test
  void an_answer_of_countless_items_is_not_gathered_for_ever() {
    AnswerWriter writer = writer(false, "");
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> {
          for (int i = 0; i <= ResponsesWriter.MAX_ITEMS; i++) {
            writer.delta(i % 2 == 0 ? new Delta.Content("a") : new Delta.Reasoning("b"));
          }
        })
        .withMessageContaining("too long");
  }

  @Test
  void tools_that_clients_offer_to_everybody_are_left_out_and_said_to_be() {
    ClientRequest request =
        request(",\"tools\":[{\"type\":\"web_search\"},{\"type\":\"function\",\"name\":\"f\"}]");
    assertThat(request.leftOut()).containsExactly("tools.web_search");
    assertThat(((Work.Chat) request.work()).tools()).hasSize(1);
    assertThat(request.sketch().echo().get("tools")).hasSize(1);
  }

  @Test
  void a_conversation_is_tied_together_by_its_cache_key() {
    assertThat(request(",\"prompt_cache_key\":\"c-1\"").affinity()).isEqualTo("c-1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ",\"previous_response_id\":\"resp_1\"|previous_response_id: not offered, nothing is stored",
        ",\"conversation\":\"conv_1\"|conversation: not offered, nothing is stored",
        ",\"background\":true|background: true, nothing is stored",
        ",\"prompt\":{\"id\":\"p\"}|prompt: not offered, nothing is stored",
        ",\"tools\":[{\"type\":\"web_search\"}]|tools.web_search: not offered",
        ",\"tools\":[{\"type\":\"file_search\"}]|tools[0].type: file_search is not offered",
        ",\"tools\":[{\"type\":\"mcp\"}]|tools[0].type: mcp is not offered",
        ",\"tools\":[{\"type\":\"code_interpreter\"}]|code_interpreter is not offered",
        ",\"tools\":[{\"type\":\"computer\"}]|computer is not offered",
        ",\"tools\":[{\"type\":\"local_shell\"}]|local_shell is not offered",
        ",\"tool_choice\":{\"type\":\"web_search\"}|tool_choice.type: web_search is not offered",
      })
  void what_is_not_offered_is_refused_by_name(String more, String message) {
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> request(more))
        .withMessageContaining(message)
        .matches(refused -> refused.failure().code() == FailureCode.UNSUPPORTED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"m\"}|input: missing",
        "{\"model\":\"m\",\"input\":[]}|input: empty",
        "{\"model\":\"m\",\"input\":7}|input: 7",
        "{\"model\":\"m\",\"input\":[{}]}|input[0].type: missing",
        "{\"model\":\"m\",\"input\":[{\"role\":\"user\"}]}|input[0].content: missing",
        "{\"model\":\"m\",\"input\":[{\"type\":\"function_call\"}]}|input[0].call_id: missing",
        "{\"input\":\"hi\"}|model: missing",
        "{\"model\":\"m\",\"input\":\"hi\",\"max_output_tokens\":0}|max_output_tokens: 0",
        "{\"model\":\"m\",\"input\":\"hi\",\"metadata\":1}|metadata: 1",
        "{\"model\":\"m\",\"input\":\"hi\",\"text\":{\"format\":{\"type\":\"x\"}}}|text.format.type",
      })
  void what_is_wrong_is_refused_by_name(String body, String message) {
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> ResponsesRequests.create(body.getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining(message)
        .matches(refused -> refused.failure().code() == FailureCode.INVALID_REQUEST);
  }

  @Test
  void tokens_that_were_counted_are_told() {
    assertThat(
            Answers.write(
                Answers.writer(Endpoint.OPENAI_INPUT_TOKENS, false), new Delta.Counted(42)))
        .isEqualTo("{\"object\":\"response.input_tokens\",\"input_tokens\":42}");
  }
}
