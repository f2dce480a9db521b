package dev.tutti.app.cli;

import java.util.Arrays;
import java.util.List;

/// The command line's front door. Runs one command and returns its exit code; never ends the
/// process and keeps nothing between calls.
public final class Cli {
  private Cli() {}

  /// Runs one command.
  ///
  /// @param args what was typed after `tutti`
  /// @param processes runs what is a process of its own
  /// @param environment what the command may know of its machine
  /// @param streams where it reads and writes
  /// @return the code of an {@link Exit}
  public static int run(
      String[] args, Processes processes, Environment environment, Streams streams) {
    var words = Arrays.asList(args);
    // Before anything else is loaded: scripts ask for the version often.
    if (isVersion(words)) {
      if (words.contains("--json")) {
        Version.printJson(streams.out(), environment.java());
      } else {
        Version.print(streams.out(), environment.java());
      }
      return Exit.OK.code();
    }
    return CommandTree.execute(words, processes, environment, streams);
  }

  private static boolean isVersion(List<String> words) {
    if (words.isEmpty() || words.size() > 2 || (words.size() == 2 && !words.contains("--json"))) {
      return false;
    }
    return words.contains("version") || words.contains("--version") || words.contains("-V");
  }
}
