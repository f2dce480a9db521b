package dev.tutti.app.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Commands that the launcher script does itself, because they build first. They stand here for the
/// help; whoever gets here started the program without the script.
final class LauncherCommands {
  private LauncherCommands() {}

  private static int needsLauncher(String command, List<String> arguments) {
    var whole = "./tutti " + command + " " + String.join(" ", arguments);
    throw new CliException(
        Exit.ENVIRONMENT,
        command + " needs the source tree (expected: " + whole.strip() + ", in a clone)");
  }

  /// `tutti test`.
  @Command(name = "test", description = "Build everything and run every test.")
  static final class Test implements Callable<Integer> {
    @Parameters(paramLabel = "ARGUMENT", arity = "0..*", description = "Passed on to the build.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
      return needsLauncher("test", arguments);
    }
  }

  /// `tutti bench`.
  @Command(name = "bench", description = "Measure, and print the numbers.")
  static final class Bench implements Callable<Integer> {
    @Parameters(paramLabel = "ARGUMENT", arity = "0..*", description = "Which measurements.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
      return needsLauncher("bench", arguments);
    }
  }
}
