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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class AnthropicStreamTest {
  private static final Delta FINISH = new Delta.Finish(Delta.Reason.STOP);
  private static final Set<String> KNOWN_EVENTS =
      Set.of(
          "message_start",
          "content_block_start",
          "content_block_delta",
          "content_block_stop",
          "message_delta",
          "message_stop",
          "ping",
          "error");

  private record Event(String name, JsonNode data) {}

  private static AnswerWriter writer() {
    return Answers.writer(Endpoint.ANTHROPIC_MESSAGES, true);
  }

  private static List<Event> events(String text) {
    var events = new ArrayList<Event>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i += 3) {
      assertThat(lines.get(i)).startsWith("event: ");
      assertThat(lines.get(i + 1)).startsWith("data: ");
      assertThat(lines.get(i + 2)).isEmpty();
      String data = lines.get(i + 1).substring("data: ".length());
      events.add(
          new Event(
              lines.get(i).substring("event: ".length()),
              Json.read(data.getBytes(StandardCharsets.UTF_8))));
    }
    return events;
  }

  private static List<Event> told(Delta... deltas) {
    return events(Answers.write(writer(), deltas));
  }

  private static List<JsonNode> of(List<Event> events, String name) {
    return events.stream().filter(event -> event.name().equals(name)).map(Event::data).toList();
  }

  static List<String> answers() {
    return Golden.names("answers");
  }

  @ParameterizedTest
  @MethodSource("answers")
  @DisplayName("T30 T32 every event is named by a line of its own, and clients know each name")
  void every_event_is_named_and_known(String name) {
    List<Delta> deltas = Answers.deltas(Answers.reader(name), Golden.read("answers", name));
    String text = Answers.write(writer(), deltas);
    assertThat(text).doesNotContain("[DONE]");
    for (Event event : events(text)) {
      assertThat(KNOWN_EVENTS).contains(event.name());
      assertThat(event.data().path("type").stringValue()).isEqualTo(event.name());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  @DisplayName("T31 usage stands in message_start and in message_delta")
  void usage_is_always_there(String name) {
    List<Delta> deltas = Answers.deltas(Answers.reader(name), Golden.read("answers", name));
    List<Event> events = events(Answers.write(writer(), deltas));
    JsonNode first = of(events, "message_start").getFirst().path("message").path("usage");
    JsonNode last = of(events, "message_delta").getFirst().path("usage");
    for (JsonNode usage : List.of(first, last)) {
      assertThat(usage.path("input_tokens").isInt()).isTrue();
      assertThat(usage.path("output_tokens").isInt()).isTrue();
    }
  }

  @Test
  @DisplayName("T31 what came from a cache is counted beside the input")
  void cached_tokens_are_counted_apart() {
    JsonNode usage =
        of(told(FINISH, new Delta.Usage(100, 60, 7, 0, 0, 0)), "message_delta")
            .getFirst()
            .path("usage");
    assertThat(usage.path("input_tokens").intValue()).isEqualTo(40);
    assertThat(usage.path("cache_read_input_tokens").intValue()).isEqualTo(60);
    assertThat(usage.path("output_tokens").intValue()).isEqualTo(7);
  }

  @Test
  @DisplayName("T33 a block begins with an empty text or an empty input")
  void blocks_begin_empty() {
    List<JsonNode> begun =
        of(
            told(
                new Delta.Reasoning("r"),
                new Delta.Content("c"),
                new Delta.ToolCall(0, "", "f", "{}"),
                FINISH),
            "content_block_start");
    assertThat(begun)
        .extracting(event -> event.path("content_block").toString())
        .containsExactly(
            "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}",
            "{\"type\":\"text\",\"text\":\"\"}",
            "{\"type\":\"tool_use\",\"id\":\"toolu_abc123_0\",\"name\":\"f\",\"input\":{}}");
  }

  @Test
  @DisplayName("T34 tool calls end with the stop reason tool_use")
  void tool_calls_end_with_tool_use() {
    List<Event> events =
        told(
            new Delta.ToolCall(0, "a", "f", "{\"x\""),
            new Delta.ToolCall(0, "", "", ":1}"),
            new Delta.ToolCall(1, "b", "g", ""),
            new Delta.Finish(Delta.Reason.TOOL_CALLS));
    assertThat(of(events, "message_delta").getFirst().path("delta").toString())
        .isEqualTo("{\"stop_reason\":\"tool_use\",\"stop_sequence\":null}");
    assertThat(of(events, "content_block_delta"))
        .extracting(event -> event.path("delta").path("partial_json").stringValue())
        .containsExactly("{\"x\"", ":1}");
  }

  @Test
  @DisplayName("T35 message_stop is last, and never made up")
  void message_stop_is_last() {
    assertThat(told(new Delta.Content("a"), FINISH).getLast().name()).isEqualTo("message_stop");
    AnswerWriter writer = writer();
    writer.delta(new Delta.Content("a"));
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(writer::end)
        .matches(thrown -> thrown.failure().code() == FailureCode.BROKEN_STREAM);
  }

  @ParameterizedTest
  @EnumSource(FailureCode.class)
  @DisplayName("T12 a stream that breaks ends with the error event, which never blames the client")
  void a_broken_stream_ends_with_an_error(FailureCode code) {
    String record =
        Answers.text(writer().error(Failure.of(code, Retry.UNSAFE_MAY_HAVE_ACTED, "gone")));
    Event event = events(record).getFirst();
    assertThat(event.name()).isEqualTo("error");
    assertThat(event.data().path("error").path("message").stringValue()).isEqualTo("gone");
    assertThat(record).doesNotContain("invalid_request").doesNotContain("message_stop");
  }

  @Test
  void one_block_is_open_at_a_time_and_each_is_closed() {
    Set<Integer> open = new HashSet<>();
    int next = 0;
    for (Event event :
        told(
            new Delta.Reasoning("r"),
            new Delta.Seal("s"),
            new Delta.Content("a"),
            new Delta.ToolCall(0, "a", "f", "{}"),
            new Delta.Content("b"),
            new Delta.ToolCall(1, "b", "g", "{}"),
            new Delta.ToolCall(2, "c", "h", ""),
            FINISH)) {
      int index = event.data().path("index").asInt(-1);
      switch (event.name()) {
        case "content_block_start" -> {
          assertThat(open).isEmpty();
          assertThat(index).isEqualTo(next++);
          open.add(index);
        }
        case "content_block_delta" -> assertThat(open).containsExactly(index);
        case "content_block_stop" -> assertThat(open.remove(index)).isTrue();
        case "message_delta" -> assertThat(open).isEmpty();
        default -> assertThat(index).isEqualTo(-1);
      }
    }
    assertThat(next).isEqualTo(6);
  }

  @Test
  void a_seal_belongs_to_the_thoughts_before_it() {
    String sealed = Answers.write(writer(), new Delta.Reasoning("r"), new Delta.Seal("s"), FINISH);
    assertThat(sealed).contains("\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s\"}");
    String loose = Answers.write(writer(), new Delta.Content("c"), new Delta.Seal("s"), FINISH);
    assertThat(loose).doesNotContain("signature");
    assertThat(
            Answers.write(
                Answers.writer(Endpoint.ANTHROPIC_MESSAGES, false),
                new Delta.Reasoning("r"),
                new Delta.Seal("s"),
                FINISH))
        .contains("{\"type\":\"thinking\",\"thinking\":\"r\",\"signature\":\"s\"}");
  }

  @Test
  void the_stop_text_is_told_when_the_engine_tells_it() {
    String told =
        Answers.write(writer(), new Delta.Content("a"), new Delta.Finish(Delta.Reason.STOP, "END"));
    assertThat(told).contains("{\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\"}");
  }

  @Test
  void mixed_arguments_of_two_calls_are_an_error_and_never_half_a_call() {
    AnswerWriter writer = writer();
    writer.delta(new Delta.ToolCall(0, "a", "f", "{"));
    writer.delta(new Delta.ToolCall(1, "b", "g", "{"));
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> writer.delta(new Delta.ToolCall(0, "", "", "}")));
  }

  @Test
  void a_sign_of_life_is_a_ping_even_before_the_first_event() {
    AnswerWriter writer = writer();
    assertThat(Answers.text(writer.keepAlive()))
        .isEqualTo("event: ping\ndata: {\"type\":\"ping\"}\n\n");
    assertThat(events(Answers.write(writer, FINISH)).getFirst().name()).isEqualTo("message_start");
  }

  @Test
  void a_count_is_one_object() {
    assertThat(
            Answers.write(
                Answers.writer(Endpoint.ANTHROPIC_COUNT_TOKENS, false), new Delta.Counted(12)))
        .isEqualTo("{\"input_tokens\":12}");
  }
}
