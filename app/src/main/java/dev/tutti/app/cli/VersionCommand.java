package dev.tutti.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `tutti version` when other flags stand beside it; alone it is answered by {@link Cli}.
@Command(name = "version", description = "Print the version.")
final class VersionCommand implements Callable<Integer> {
  private final Session session;

  VersionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var java = session.environment().java();
    if (session.json()) {
      Version.printJson(session.streams().out(), java);
    } else {
      Version.print(session.streams().out(), java);
    }
    return Exit.OK.code();
  }
}
