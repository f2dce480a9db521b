package dev.tutti.app.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tutti chat`: a conversation in the terminal.
@Command(
    name = "chat",
    description = {
      "Talk with a model. /help there tells the commands; Ctrl-C stops an answer, Ctrl-D ends.",
      "Without a terminal each line of standard input is a question."
    })
final class ChatCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = "A model, or auto, or auto:TYPE. Default: auto.")
  private String model = "auto";

  @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
  private String system = "";

  ChatCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var chat = new Chat(session.hub(), session.output(), session.streams(), model, system);
    try (var questions =
        session.streams().terminal()
            ? TerminalQuestions.open(session.home())
            : new PipedQuestions(session.streams().in())) {
      return chat.talk(questions).code();
    } catch (IOException e) {
      throw new UncheckedIOException("terminal lost", e);
    }
  }
}
