package dev.tutti.app;

import dev.tutti.app.cli.Cli;
import dev.tutti.app.cli.Environment;
import dev.tutti.app.cli.Streams;
import dev.tutti.core.Time;

/// Where every process of Tutti begins.
public final class Main {
  private Main() {}

  /// Runs one command and ends with its exit code.
  public static void main(String[] args) {
    System.exit(run(args, new WallTime()));
  }

  /// The same on a given clock: every part of the process shows its wall time.
  static int run(String[] args, Time time) {
    if (args.length == 1 && args[0].equals("train")) {
      return Training.run(time);
    }
    var tutti = new Tutti(time);
    if (args.length > 0 && args[0].equals("up")) {
      tutti.prepare();
    }
    return Cli.run(args, tutti, Environment.ofProcess(time), Streams.ofProcess());
  }
}
