package dev.tutti.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `tutti queue`: who waits.
@Command(name = "queue", description = "Show the tasks that wait for a free engine.")
final class QueueCommand implements Callable<Integer> {
  private final Session session;

  QueueCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var document = session.hub().get("queue");
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    if (Json.flag(document, "overloaded")) {
      out.note("The queue stands: newest go first, and low priorities are turned away.");
    }
    var tasks = Json.items(document, "waiting");
    if (tasks.isEmpty()) {
      out.note("Nobody waits.");
    } else {
      out.table(Views.queue(tasks));
    }
    return Exit.OK.code();
  }
}
