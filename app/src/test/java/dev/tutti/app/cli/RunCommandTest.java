package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// One question, one answer.
final class RunCommandTest {
  private static final String ASK = "POST /v1/chat/completions";
  private static final String TEXT =
      "data: {\"choices\":[{\"delta\":{\"content\":\"half an\"}}]}\n\n";

  private RecordedHub hub;

  @BeforeEach
  void open() throws IOException {
    hub = RecordedHub.complete();
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private CommandRun command() {
    return new CommandRun().with("TUTTI_URL", hub.url());
  }

  @Test
  void the_answer_and_nothing_else_goes_to_standard_output() {
    var run = command();

    assertThat(run.run("run", "llama3.2:3b", "who", "plays?")).as(run.err()).isZero();

    assertThat(run.out()).isEqualTo("Tutti — \u001b]0;x\u0007all.\n");
    assertThat(run.err()).isEmpty();
    assertThat(hub.asked().getFirst().body())
        .isEqualTo(
            "{\"model\":\"llama3.2:3b\",\"stream\":true,"
                + "\"stream_options\":{\"include_usage\":true},"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"who plays?\"}]}");
  }

  @Test
  void a_model_cannot_command_the_terminal() {
    var run = command().atTerminal();

    run.run("run", "llama3.2:3b", "hello");

    assertThat(run.out()).isEqualTo("Tutti — ]0;xall.\n");
  }

  @Test
  void why_tells_who_answered_and_how_fast() {
    var run = command();

    run.run("run", "--why", "--thinking", "llama3.2:3b", "hello");

    assertThat(run.err())
        .startsWith("hm")
        .contains(
            "llama3.2:3b on maestro · backend maestro/ollama · waited 12 ms",
            "first token after 1 ms · 4000.0 tokens/s · attempts 1",
            "echo: exact model, 0 active");
  }

  @Test
  void json_is_a_line_for_each_piece_and_one_for_the_end() {
    var run = command();

    run.run("run", "--json", "llama3.2:3b", "hello");

    var lines = run.out().lines().map(JsonMapper.shared()::readTree).toList();
    assertThat(lines)
        .extracting(line -> line.path("type").asString())
        .containsExactly("thinking", "text", "text", "end");
    var end = lines.getLast();
    assertThat(end.path("node").asString()).isEqualTo("maestro");
    assertThat(end.path("finish").asString()).isEqualTo("stop");
    assertThat(end.path("output_tokens").asInt()).isEqualTo(4);
    assertThat(end.path("simulated").asBoolean()).isFalse();
  }

  @Test
  void what_is_piped_in_follows_the_question() {
    var run = command().typing("line one\nline two\n");

    run.run("run", "auto:summarize", "sum up:", "--type", "summarize", "--node", "pi");

    var asked = hub.asked().getFirst();
    assertThat(asked.body()).contains("\"content\":\"sum up:\\n\\nline one\\nline two\\n\"");
    assertThat(asked.headers().get("X-tutti-type")).containsExactly("summarize");
    assertThat(asked.headers().get("X-tutti-node")).containsExactly("pi");
  }

  @Test
  void a_simulated_answer_is_called_so() {
    hub.answer(
        ASK,
        exchange -> {
          exchange.getResponseHeaders().set("x-tutti-simulated", "true");
          RecordedHub.send(
              exchange, 200, "text/event-stream", Golden.resource("recorded/chat.sse"));
        });
    var run = command();

    assertThat(run.run("run", "sim/llama3.1:8b", "hello")).isZero();

    assertThat(run.err()).contains("SIMULATED: no real model wrote this");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "data: {\"choices\":[{\"delta\":{\"content\":\"more\"}}]}\n\n",
        "data: nonsense\n\n",
        "data: {\"error\":{\"message\":\"the engine died\"}}\n\n",
      })
  void an_answer_that_breaks_off_is_never_a_success(String rest) {
    hub.answer(ASK, exchange -> RecordedHub.send(exchange, 200, "text/event-stream", TEXT + rest));
    var run = command();

    assertThat(run.run("run", "m", "hello")).isEqualTo(1);

    assertThat(run.out()).startsWith("half an");
    assertThat(run.err()).startsWith("tutti: ");
  }

  @Test
  void a_connection_that_is_cut_is_never_a_success() {
    hub.answer(ASK, RunCommandTest::cut);
    var run = command();

    assertThat(run.run("run", "m", "hello")).isEqualTo(1);

    assertThat(run.err()).contains("the answer broke off");
  }

  private static void cut(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 10_000);
    exchange.getResponseBody().write(TEXT.getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
    throw new IOException("cut");
  }

  @Test
  void an_answer_that_says_why_it_ended_has_ended() {
    hub.answer(
        ASK,
        exchange ->
            RecordedHub.send(
                exchange,
                200,
                "text/event-stream",
                TEXT + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"));
    var run = command();

    assertThat(run.run("run", "m", "hello")).isZero();
  }
}
