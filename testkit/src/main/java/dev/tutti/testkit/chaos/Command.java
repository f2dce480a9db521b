package dev.tutti.testkit.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A command of the system, run to its end.
final class Command {
  private Command() {}

  /// Runs it.
  ///
  /// @return what went wrong, or nothing
  static String trouble(List<String> words) {
    try {
      said(words);
      return "";
    } catch (IllegalStateException | UncheckedIOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// Runs it; what goes wrong is an error.
  static void run(String... words) {
    said(List.of(words));
  }

  /// Runs it; what goes wrong is an error.
  ///
  /// @return what it said
  static String said(List<String> words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            String.join(" ", words) + ": exit " + code + " " + said.strip());
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
