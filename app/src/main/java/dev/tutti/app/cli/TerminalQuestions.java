package dev.tutti.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.jline.reader.Completer;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/// Questions typed by a person: with line editing and a history that outlives the process.
final class TerminalQuestions implements Questions {
  /// Questions that the history remembers.
  private static final int MAX_HISTORY = 2_000;

  private static final String MORE = "… ";

  private final Terminal terminal;
  private final LineReader reader;

  private TerminalQuestions(Terminal terminal, LineReader reader) {
    this.terminal = terminal;
    this.reader = reader;
  }

  /// Takes over this process's terminal.
  ///
  /// @param home where the history is kept, readable by its owner only
  static TerminalQuestions open(Path home) throws IOException {
    // Asking the terminal how it joins letters would delay the first prompt and eat what is typed.
    return open(TerminalBuilder.builder().system(true).graphemeCluster(false).build(), home);
  }

  /// Takes over a terminal.
  static TerminalQuestions open(Terminal terminal, Path home) {
    var builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("tutti")
            .parser(new WholeLine())
            .completer(commands())
            .history(new DefaultHistory())
            // A "!" in a question is a "!".
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, MORE)
            .variable(LineReader.HISTORY_SIZE, MAX_HISTORY)
            .variable(LineReader.HISTORY_FILE_SIZE, MAX_HISTORY);
    history(home).ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    return new TerminalQuestions(terminal, builder.build());
  }

  @Override
  public Optional<String> next(String prompt) {
    while (true) {
      try {
        return Optional.of(MultiLine.unwrap(reader.readLine(prompt)));
      } catch (UserInterruptException e) {
        // Ctrl-C drops what was typed; on an empty line it says goodbye.
        if (e.getPartialLine().isEmpty()) {
          return Optional.empty();
        }
      } catch (EndOfFileException _) {
        return Optional.empty();
      }
    }
  }

  @Override
  public Guard onInterrupt(Runnable action) {
    var before = terminal.handle(Terminal.Signal.INT, _ -> action.run());
    return () -> terminal.handle(Terminal.Signal.INT, before);
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }

  private static Completer commands() {
    return new StringsCompleter(Chat.COMMANDS);
  }

  /// The history's file; a home that cannot be written costs the history and nothing else.
  private static Optional<Path> history(Path home) {
    var file = home.resolve("chat_history");
    try {
      Files.createDirectories(home);
      if (!Files.exists(file)) {
        Files.createFile(file);
      }
      if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
      return Optional.of(file);
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  /// Takes a line as it is: a question has no words to quote. Asks for more while one is open.
  private static final class WholeLine implements Parser {
    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
      if (context == ParseContext.ACCEPT_LINE && MultiLine.isOpen(line)) {
        throw new EOFError(-1, cursor, "open question", "more");
      }
      return new Whole(line, cursor);
    }
  }

  /// A line of one word.
  private record Whole(String line, int cursor) implements CompletingParsedLine {
    @Override
    public String word() {
      return line.substring(0, cursor);
    }

    @Override
    public int wordCursor() {
      return cursor;
    }

    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      return candidate;
    }

    @Override
    public int rawWordCursor() {
      return cursor;
    }

    @Override
    public int rawWordLength() {
      return cursor;
    }

    @Override
    public int wordIndex() {
      return 0;
    }

    @Override
    public List<String> words() {
      return List.of(line);
    }
  }
}
