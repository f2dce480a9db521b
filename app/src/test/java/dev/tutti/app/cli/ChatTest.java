package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Secret;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// A conversation.
@Timeout(60)
final class ChatTest {
  private static final String ASK = "POST /v1/chat/completions";

  @TempDir private Path home;
  private RecordedHub hub;

  @BeforeEach
  void open() throws IOException {
    hub = RecordedHub.complete();
  }

  @AfterEach
  void close() {
    hub.close();
  }

  @Test
  void what_was_said_goes_along_until_it_is_cleared() {
    var run =
        new CommandRun()
            .with("TUTTI_URL", hub.url())
            .typing("one\n/model other\n\"\"\"two\nlines\"\"\"\n/clear\nthree\n/quit\nnever\n");

    assertThat(run.run("chat", "--system", "be brief")).as(run.err()).isZero();

    var bodies = hub.asked().stream().map(RecordedHub.Asked::body).toList();
    assertThat(bodies).hasSize(3);
    var second = JsonMapper.shared().readTree(bodies.get(1));
    assertThat(second.path("model").asString()).isEqualTo("other");
    assertThat(second.path("messages").values())
        .extracting(message -> message.path("role").asString())
        .containsExactly("system", "user", "assistant", "user");
    assertThat(second.path("messages").path(3).path("content").asString()).isEqualTo("two\nlines");
    assertThat(JsonMapper.shared().readTree(bodies.get(2)).path("messages").size()).isEqualTo(2);
    assertThat(run.out()).contains("Tutti — ");
    assertThat(run.err()).contains("— llama3.2:3b on maestro", "Forgotten.");
  }

  @Test
  void commands_answer_without_asking_a_model() {
    var run =
        new CommandRun().with("TUTTI_URL", hub.url()).typing("/help\n/model\n/nonsense\n\n/quit\n");

    assertThat(run.run("chat")).isZero();

    assertThat(run.err())
        .contains("forget what was said", "llama3.2:3b  nomic-embed-text", "/nonsense (expected:");
    assertThat(hub.asked())
        .extracting(RecordedHub.Asked::what)
        .containsExactly("GET /mesh/v1/models");
  }

  @Test
  void json_is_a_line_for_each_answer() {
    var run = new CommandRun().with("TUTTI_URL", hub.url()).typing("one\ntwo\n");

    run.run("chat", "m", "--json");

    var lines = run.out().lines().map(JsonMapper.shared()::readTree).toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst().path("content").asString()).startsWith("Tutti ");
    assertThat(lines.getFirst().path("stopped").asBoolean(true)).isFalse();
  }

  @Test
  void a_script_ends_with_the_failure_and_a_person_may_ask_again() throws IOException {
    hub.json(ASK, 404, "{\"error\":{\"message\":\"no such model\"}}");
    var script = new CommandRun().with("TUTTI_URL", hub.url()).typing("one\ntwo\n");

    assertThat(script.run("chat", "m")).isEqualTo(6);
    assertThat(hub.asked()).hasSize(1);

    var person = new Person("one", "two");
    assertThat(person.talk(hub).code()).isZero();
    assertThat(hub.asked()).hasSize(3);
    assertThat(hub.asked().getLast().body()).doesNotContain("one");
    assertThat(person.err()).contains("tutti: no such model");
  }

  @Test
  void an_interrupt_stops_the_answer_at_the_hub_and_not_the_chat() throws Exception {
    var closed = new CountDownLatch(1);
    hub.answer(
        ASK,
        exchange -> {
          RecordedHub.assigned(exchange);
          exchange.sendResponseHeaders(200, 0);
          var piece = "data: {\"choices\":[{\"delta\":{\"content\":\"on and on \"}}]}\n\n";
          try {
            // Endless: the only end is a client that has gone.
            while (true) {
              exchange.getResponseBody().write(piece.getBytes(StandardCharsets.UTF_8));
              exchange.getResponseBody().flush();
            }
          } catch (IOException gone) {
            closed.countDown();
            throw gone;
          }
        });
    var person = new Person("tell me everything").interruptingOnceHeard();

    assertThat(person.talk(hub).code()).isZero();

    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(person.out()).contains("on and on");
    assertThat(person.err()).contains("llama3.2:3b on maestro (stopped)");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void an_interrupt_also_ends_the_wait_for_an_answer() throws Exception {
    var asked = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    hub.answer(
        ASK,
        exchange -> {
          asked.countDown();
          try {
            release.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    var person = new Person("hello?").interruptingAfter(asked);

    assertThat(person.talk(hub).code()).isZero();
    release.countDown();

    assertThat(person.err()).contains("no answer (stopped)");
  }

  @Test
  void a_typed_question_may_have_several_lines_and_is_remembered() throws IOException {
    var typed = "\"\"\"two\nlines\"\"\"\nnext\\\nline\nhow! are 'you\n";
    var keyboard = new PipedOutputStream();
    var screen = new ByteArrayOutputStream();
    try (var keys = new PipedInputStream(keyboard);
        var terminal =
            TerminalBuilder.builder().system(false).type("ansi").streams(keys, screen).build();
        var questions = TerminalQuestions.open(terminal, home)) {
      keyboard.write(typed.getBytes(StandardCharsets.UTF_8));
      keyboard.flush();
      assertThat(questions.next("> ")).hasValue("two\nlines");
      assertThat(questions.next("> ")).hasValue("next\nline");
      assertThat(questions.next("> ")).hasValue("how! are 'you");
    }
    var history = home.resolve("chat_history");
    assertThat(Files.readString(history)).contains("how! are 'you");
    assertThat(Files.getPosixFilePermissions(history))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @ParameterizedTest
  @CsvSource({"plain, false", "'\"\"\"open', true", "'\"\"\"shut\"\"\"', false", "'more\\', true"})
  void a_question_is_open_until_its_fence_is_shut(String text, boolean open) {
    assertThat(MultiLine.isOpen(text)).isEqualTo(open);
  }

  /// Somebody at a terminal who says what was prepared.
  private static final class Person implements Questions {
    private final Deque<String> lines;
    private final CountDownLatch heard = new CountDownLatch(1);
    private final ByteArrayOutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            super.write(bytes, offset, length);
            heard.countDown();
          }
        };
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Optional<CountDownLatch> interruptAfter = Optional.empty();

    private Person(String... lines) {
      this.lines = new ArrayDeque<>(List.of(lines));
    }

    private Person interruptingOnceHeard() {
      return interruptingAfter(heard);
    }

    private Person interruptingAfter(CountDownLatch latch) {
      interruptAfter = Optional.of(latch);
      return this;
    }

    private Exit talk(RecordedHub hub) throws IOException {
      var streams =
          new Streams(
              new ByteArrayInputStream(new byte[0]),
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8),
              true);
      var output = new Output(streams, Output.Form.TABLE, Output.Look.PLAIN);
      var client = new HubClient(HubClient.address(hub.url()), Secret.NONE);
      return new Chat(client, output, streams, "m", "").talk(this);
    }

    private String out() {
      return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
      return err.toString(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> next(String prompt) {
      return Optional.ofNullable(lines.poll());
    }

    @Override
    public Guard onInterrupt(Runnable action) {
      interruptAfter.ifPresent(latch ->
          Thread.ofVirtual()
              .start(() -> {
                try {
                  if (latch.await(10, TimeUnit.SECONDS)) {
                    action.run();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
      return () -> {};
    }

    @Override
    public void close() {}
  }
}
