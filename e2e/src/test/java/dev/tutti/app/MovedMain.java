package dev.tutti.app;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The program, whole and as it is, with a wall clock that a test moves.
///
/// The launcher takes words for the JVM from `TUTTI_JAVA_OPTIONS` and appends its own class path
/// and main class; since a main class stands among those words already, what was appended arrives
/// here as the first arguments. So everything else is as the launcher decides it.
public final class MovedMain {
  /// The property that names the file with the clock's offset.
  public static final String CLOCK = "tutti.moved.clock";

  private static final List<String> APPENDED = List.of("-cp", "", Main.class.getName());

  private MovedMain() {}

  /// Runs one command and ends with its exit code.
  public static void main(String[] args) {
    int given = APPENDED.size();
    if (args.length < given
        || !args[0].equals(APPENDED.getFirst())
        || !args[given - 1].equals(APPENDED.getLast())) {
      throw new IllegalArgumentException(
          "words: " + List.of(args) + " (expected: the launcher's, " + APPENDED + ", then others)");
    }
    var time = new MovedTime(Path.of(System.getProperty(CLOCK)));
    System.exit(Main.run(Arrays.copyOfRange(args, given, args.length), time));
  }
}
