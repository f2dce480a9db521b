package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.Endpoint;
import dev.tutti.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeamTest {
  private static final Delta FINISH = new Delta.Finish(Delta.Reason.STOP);
  private static final List<Endpoint> STREAMING =
      List.of(
          Endpoint.OPENAI_CHAT,
          Endpoint.OPENAI_COMPLETIONS,
          Endpoint.OPENAI_RESPONSES,
          Endpoint.OLLAMA_CHAT,
          Endpoint.OLLAMA_GENERATE,
          Endpoint.ANTHROPIC_MESSAGES);

  private static Work chat(String fields) {
    String body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + fields + "}";
    return OpenAiRequests.chat(body.getBytes(StandardCharsets.UTF_8)).work();
  }

  private static Seam seam(String fields) {
    return Seam.of(chat(fields), true);
  }

  private static Work.Continued rest(Seam seam) {
    return (Work.Continued) seam.rest().orElseThrow();
  }

  /// An engine that answers `pieces`, or goes on with them behind what is out, like llama-server:
  /// it counts the text that it is given to its prompt.
  private record Engine(List<String> pieces, int promptTokens) {
    void answer(String begun, int upTo, AnswerWriter writer, Seam seam, StringBuilder out) {
      int at = begun.length();
      int given = 0;
      for (int from = 0; from < at; given++) {
        from += pieces.get(given).length();
      }
      for (int i = given; i < upTo; i++) {
        put(new Delta.Content(pieces.get(i)), writer, seam, out);
      }
      var cost = new Delta.Usage(promptTokens + given, 0, upTo - given, 0, 10, upTo - given);
      if (upTo == pieces.size()) {
        put(FINISH, writer, seam, out);
      }
      put(cost, writer, seam, out);
    }

    private static void put(Delta delta, AnswerWriter writer, Seam seam, StringBuilder out) {
      out.append(Answers.text(writer.delta(seam.take(delta))));
    }
  }

  @Seeds(300)
  void an_answer_cut_anywhere_any_number_of_times_is_the_same_to_its_client(
      RandomGenerator random) {
    var pieces = new ArrayList<String>();
    for (int i = random.nextInt(2, 40); i > 0; i--) {
      pieces.add(
          List.of(" word", "é", "漢字", "\uD83D\uDE00", "\n\n", " ", "<think>")
              .get(random.nextInt(7)));
    }
    var engine = new Engine(pieces, random.nextInt(1, 50));
    Endpoint endpoint = STREAMING.get(random.nextInt(STREAMING.size()));
    var whole = new StringBuilder();
    AnswerWriter writer = Answers.writer(endpoint, true);
    engine.answer("", pieces.size(), writer, seam(""), whole);
    whole.append(Answers.text(writer.end()));

    var seams = new StringBuilder();
    AnswerWriter other = Answers.writer(endpoint, true);
    Seam seam = seam(",\"max_tokens\":1000");
    String begun = "";
    int cut = 0;
    for (int times = random.nextInt(1, 4); times > 0 && cut < pieces.size() - 1; times--) {
      cut = random.nextInt(cut + 1, pieces.size());
      engine.answer(begun, cut, other, seam, seams);
      Work.Continued rest = rest(seam);
      begun = rest.begun();
      assertThat(begun).isEqualTo(String.join("", pieces.subList(0, cut)));
      assertThat(((Work.Chat) rest.whole()).sampling().maxTokens()).hasValue(1000 - cut);
      seam.continued();
    }
    engine.answer(begun, pieces.size(), other, seam, seams);
    seams.append(Answers.text(other.end()));

    assertThat(withoutTimes(seams)).isEqualTo(withoutTimes(whole));
  }

  private static String withoutTimes(StringBuilder out) {
    return out.toString().replaceAll("_duration\":\\d+", "_duration\":0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
        ",\"response_format\":{\"type\":\"json_object\"}",
        ",\"logprobs\":true",
        ",\"reasoning_effort\":\"high\"",
        ",\"grammar\":\"root ::= x\"",
        ",\"something_new\":1"
      })
  void what_is_more_than_plain_text_is_not_continued(String fields) {
    Seam seam = seam(fields);
    seam.take(new Delta.Content("a"));
    assertThat(seam.rest()).isEmpty();
  }

  @Test
  void an_answer_that_is_not_written_as_it_comes_begins_anew_instead() {
    Seam seam = Seam.of(chat(""), false);
    seam.take(new Delta.Content("a"));
    assertThat(seam.rest()).isEmpty();
  }

  @Test
  void nothing_is_continued_after_thoughts_calls_or_the_finish() {
    for (Delta other :
        List.of(new Delta.Reasoning("r"), new Delta.ToolCall(0, "", "f", "{"), FINISH)) {
      Seam seam = seam("");
      seam.take(new Delta.Content("a"));
      seam.take(other);
      assertThat(seam.rest()).as(other.toString()).isEmpty();
    }
  }

  @Test
  void an_engine_that_does_not_go_on_with_text_ends_the_answer() {
    Seam seam = seam("");
    seam.take(new Delta.Content("a"));
    seam.continued();
    assertThatExceptionOfType(MeshException.class)
        .isThrownBy(() -> seam.take(new Delta.Reasoning("r")));
  }

  @Test
  void a_text_that_may_have_begun_to_stop_is_not_continued() {
    Seam seam = seam(",\"stop\":[\"\\n\\nEND\"]");
    seam.take(new Delta.Content("one\n\nEN"));
    assertThat(seam.rest()).isEmpty();
    seam.take(new Delta.Content("OUGH"));
    assertThat(rest(seam).begun()).isEqualTo("one\n\nENOUGH");
  }

  @Test
  void half_a_letter_is_not_continued() {
    Seam seam = seam("");
    seam.take(new Delta.Content("a\uD83D"));
    assertThat(seam.rest()).isEmpty();
    seam.take(new Delta.Content("\uDE00"));
    assertThat(rest(seam).begun()).isEqualTo("a\uD83D\uDE00");
  }

  @Test
  void a_limit_that_is_reached_leaves_nothing_to_continue() {
    Seam seam = seam(",\"max_tokens\":2");
    seam.take(new Delta.Content("a"));
    assertThat(((Work.Chat) rest(seam).whole()).sampling().maxTokens()).hasValue(1);
    seam.take(new Delta.Content("b"));
    assertThat(seam.rest()).isEmpty();
  }

  @Test
  void an_engine_that_counts_as_it_goes_is_believed() {
    Seam seam = seam(",\"max_tokens\":10");
    seam.take(new Delta.Content("漢"));
    seam.take(new Delta.Usage(7, 0, 3, 0, 0, 0));
    assertThat(((Work.Chat) rest(seam).whole()).sampling().maxTokens()).hasValue(7);
  }

  @Test
  void a_text_that_is_too_long_is_let_go() {
    Seam seam = seam("");
    seam.take(new Delta.Content("x".repeat(Seam.MAX_CHARS)));
    assertThat(seam.rest()).isPresent();
    seam.take(new Delta.Content("x"));
    assertThat(seam.rest()).isEmpty();
    seam.restart();
    seam.take(new Delta.Content("y"));
    assertThat(rest(seam).begun()).isEqualTo("y");
  }
}
