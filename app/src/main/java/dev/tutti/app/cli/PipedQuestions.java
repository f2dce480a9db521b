package dev.tutti.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Questions from a pipe or a file: one a line, or several lines between two `"""`.
final class PipedQuestions implements Questions {
  private final BufferedReader lines;

  PipedQuestions(InputStream in) {
    this.lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  @Override
  public Optional<String> next(String prompt) throws IOException {
    var line = lines.readLine();
    if (line == null) {
      return Optional.empty();
    }
    var text = new StringBuilder(line);
    while (MultiLine.isOpen(text.toString())) {
      line = lines.readLine();
      if (line == null) {
        break;
      }
      text.append('\n').append(line);
    }
    return Optional.of(MultiLine.unwrap(text.toString()));
  }

  @Override
  public Guard onInterrupt(Runnable action) {
    // Without a terminal, Ctrl-C ends the whole process as everywhere else.
    return () -> {};
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
