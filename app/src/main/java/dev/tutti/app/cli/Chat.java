package dev.tutti.app.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// A conversation: remembers what was said, asks the hub, prints the answers.
final class Chat {
  static final List<String> COMMANDS = List.of("/help", "/model", "/clear", "/quit");

  /// Messages that are sent along; older ones are forgotten.
  private static final int MAX_MESSAGES = 400;

  private static final String HELP =
      """
      /model         list the models
      /model NAME    talk to another model; what was said stays
      /clear         forget what was said
      /quit          end (also Ctrl-D)
      \"""            begin and end a question of several lines; a \\ at a line's end does it, too
      Ctrl-C         stop the running answer\
      """;

  private final HubClient hub;
  private final Output out;
  private final Streams streams;
  private final String system;
  private final Deque<Message> messages = new ArrayDeque<>();
  private String model;

  Chat(HubClient hub, Output out, Streams streams, String model, String system) {
    this.hub = hub;
    this.out = out;
    this.streams = streams;
    this.model = model;
    this.system = system;
  }

  /// Talks until there are no more questions. A failed answer ends a conversation only where nobody
  /// is there to ask again.
  Exit talk(Questions questions) throws IOException {
    if (streams.terminal()) {
      out.note("Talking to " + model + " at " + hub.base() + ". /help tells more.");
    }
    while (true) {
      var question = questions.next(model + "> ");
      if (question.isEmpty() || question.get().equals("/quit") || question.get().equals("/exit")) {
        return Exit.OK;
      }
      try {
        obey(question.get(), questions);
      } catch (CliException e) {
        if (!streams.terminal()) {
          throw e;
        }
        out.note("tutti: " + e.getMessage());
      }
    }
  }

  private void obey(String line, Questions questions) throws IOException {
    if (line.isBlank()) {
      return;
    }
    if (!line.startsWith("/")) {
      ask(line, questions);
      return;
    }
    var words = line.split("\\s+", 2);
    switch (words[0]) {
      case "/help" -> HELP.lines().forEach(out::note);
      case "/clear" -> {
        messages.clear();
        out.note("Forgotten.");
      }
      case "/model" -> {
        if (words.length > 1) {
          model = words[1].strip();
          out.note("Talking to " + model + ".");
        } else {
          var names =
              Json.items(hub.get("models"), "models").stream()
                  .map(model -> Json.text(model, "name"))
                  .collect(Collectors.joining("  "));
          out.note(names.isEmpty() ? "No model yet." : names);
        }
      }
      default -> out.note(words[0] + " (expected: " + String.join(", ", COMMANDS) + ")");
    }
  }

  private void ask(String question, Questions questions) throws IOException {
    messages.addLast(new Message("user", question));
    while (messages.size() > MAX_MESSAGES) {
      messages.removeFirst();
    }
    var printer = new Printer();
    var stopped = new AtomicBoolean();
    var asking = Thread.currentThread();
    try (var _ =
        questions.onInterrupt(() -> {
          stopped.set(true);
          asking.interrupt();
        })) {
      hear(printer);
    } catch (CliException e) {
      if (!stopped.get()) {
        // So that the question can be asked again without being asked twice.
        messages.removeLast();
        throw e;
      }
    } finally {
      if (stopped.get()) {
        // The interrupt was for the answer and has done its work.
        Thread.interrupted();
      }
    }
    printer.finish(stopped.get());
    messages.addLast(new Message("assistant", printer.text.toString()));
  }

  /// Blocks until the answer has ended; an interrupt ends it early, and closes it at the hub.
  private void hear(Printer printer) {
    var answer = hub.open("/v1/chat/completions", body(), Map.of());
    printer.model = answer.told("model");
    printer.node = answer.told("node");
    printer.simulated = Prompts.isSimulated(answer);
    try (var _ = answer.body()) {
      new AnswerStream(answer).read(printer);
    } catch (IOException e) {
      throw new CliException(Exit.FAILED, "the answer broke off: " + e.getMessage(), e);
    }
  }

  private ObjectNode body() {
    var body = Json.object().put("model", model).put("stream", true);
    var list = body.putArray("messages");
    if (!system.isBlank()) {
      list.addObject().put("role", "system").put("content", system);
    }
    messages.forEach(
        message -> list.addObject().put("role", message.role()).put("content", message.content()));
    return body;
  }

  private record Message(String role, String content) {}

  /// Prints an answer as it comes and keeps it.
  private final class Printer implements AnswerStream.Listener {
    private final StringBuilder text = new StringBuilder();
    private String model = "";
    private String node = "";
    private boolean simulated;

    @Override
    public void text(String piece) {
      text.append(piece);
      if (!out.isJson()) {
        out.piece(piece);
      }
    }

    @Override
    public void thinking(String piece) {
      if (streams.terminal()) {
        streams.err().print(Paint.FAINT.apply(Text.harmlessLines(piece), out.look()));
        streams.err().flush();
      }
    }

    private void finish(boolean stopped) {
      if (out.isJson()) {
        var line = Json.object().put("role", "assistant").put("content", text.toString());
        line.put("model", model).put("node", node);
        out.documentLine(line.put("simulated", simulated).put("stopped", stopped));
        return;
      }
      if (!text.toString().endsWith("\n")) {
        out.piece("\n");
      }
      var mark = simulated ? ", " + Output.SIMULATED : "";
      var who = model.isEmpty() ? "no answer" : model + " on " + node;
      out.note("— " + who + mark + (stopped ? " (stopped)" : ""));
    }
  }
}
