package dev.tutti.testkit.chaos;

import java.io.IOException;
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
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      return code == 0 ? "" : String.join(" ", words) + ": exit " + code + " " + said.strip();
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// Runs it; what goes wrong is an error.
  static void run(String... words) {
    String trouble = trouble(List.of(words));
    if (!trouble.isEmpty()) {
      throw new IllegalStateException(trouble);
    }
  }
}
