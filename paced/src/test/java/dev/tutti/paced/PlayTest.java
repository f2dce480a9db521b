package dev.tutti.paced;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An engine that plays a part, asked as an agent asks.
final class PlayTest {
  private static final String PLAY =
      """
      {"turns":[
        {"tool":"^(write|write_file)$","arguments":{"path":"a.txt","content":"one"}},
        {"text":"It is written."}]}
      """;
  private static final String QUESTION = "{'role':'user','content':'Write it.'}";

  private final Vertx vertx = Vertx.vertx();
  private final Caller caller =
      Caller.of(
          PacedEngine.start(
                  vertx,
                  PaceProfile.of("bob", EngineKind.OLLAMA, List.of(PacedModel.chat("m")))
                      .withPace(Pace.of(1e6, 2_000))
                      .withPlay(Play.parse(PLAY)))
              .await());

  @AfterEach
  void stop() {
    caller.close();
    vertx.close().await();
  }

  private static String tools(String... names) {
    return List.of(names).stream()
        .map(name -> "{'type':'function','function':{'name':'" + name + "','parameters':{}}}")
        .collect(Collectors.joining(",", "'tools':[", "]"));
  }

  private String openAi(String messages, String tools) {
    return caller
        .post(
            "/v1/chat/completions",
            "{'model':'m','stream':true,'messages':[" + messages + "]," + tools + "}")
        .body();
  }

  @Test
  void the_first_turn_calls_the_tool_that_fits_and_streams_its_arguments() {
    String answer = openAi(QUESTION, tools("read", "write"));
    var events =
        answer
            .lines()
            .filter(line -> line.startsWith("data: {"))
            .map(line -> Caller.JSON.readTree(line.substring(6)))
            .toList();
    var fragments =
        Caller.texts(events, "/choices/0/delta/tool_calls/0/function/arguments")
            .filter(text -> !text.isEmpty())
            .toList();
    assertThat(fragments).hasSizeGreaterThan(3);
    assertThat(Caller.JSON.readTree(String.join("", fragments)).path("content").asString())
        .isEqualTo("one");
    assertThat(answer).contains("\"name\":\"write\"", "\"finish_reason\":\"tool_calls\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/chat | {'role':'tool','content':'ok'} | /message/content",
        "/v1/chat/completions | {'role':'tool','tool_call_id':'c','content':'ok'}"
            + " | /choices/0/message/content",
        "/v1/messages | {'role':'user','content':[{'type':'tool_result','tool_use_id':'c'}]}"
            + " | /content/0/text",
      })
  void a_result_leads_to_the_next_turn(String path, String result, String pointer) {
    String body =
        "{'model':'m','max_tokens':90,'stream':false,'messages':[" + QUESTION + "," + result + "]}";
    assertThat(caller.json(caller.post(path, body)).at(pointer).asString())
        .isEqualTo("It is written.");
  }

  @Test
  void without_the_tool_and_after_the_last_turn_the_answer_is_the_usual_one() {
    assertThat(openAi(QUESTION, tools("read"))).contains("\"name\":\"read\"");
    assertThat(openAi(QUESTION, "'tools':[]")).contains("simulated", "\"This\"");
    String results = "{'role':'tool','content':'ok'},{'role':'tool','content':'ok'}";
    assertThat(openAi(QUESTION + "," + results, tools("write"))).contains("\"This\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no | script: no JSON",
        "{} | turns: none",
        "{^turns^:[{}]} | turns[0]: neither",
        "{^turns^:[{^tool^:^(^,^arguments^:{}}]} | turns[0].tool: ",
      })
  void a_mistake_is_named(String text, String message) {
    assertThatThrownBy(() -> Play.parse(text.replace('^', '"')))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
