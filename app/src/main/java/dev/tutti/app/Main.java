package dev.tutti.app;

import dev.tutti.app.cli.Cli;
import dev.tutti.app.cli.Environment;
import dev.tutti.app.cli.Streams;

/// Where every process of Tutti begins.
public final class Main {
  private Main() {}

  /// Runs one command and ends with its exit code.
  public static void main(String[] args) {
    var time = new WallTime();
    if (args.length == 1 && args[0].equals("train")) {
      System.exit(Training.run(time));
    }
    var tutti = new Tutti(time);
    if (args.length > 0 && args[0].equals("up")) {
      tutti.prepare();
    }
    System.exit(Cli.run(args, tutti, Environment.ofProcess(time), Streams.ofProcess()));
  }
}
