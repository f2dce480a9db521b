package dev.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `tutti task …`: the units of work.
@Command(name = "task", description = "Show the tasks, cancel one.")
final class TaskCommands {
  private final Session session;

  TaskCommands(Session session) {
    this.session = session;
  }

  @Command(name = "list", description = "Tasks that wait or run, and the newest that ended.")
  int list() {
    var document = session.hub().get("tasks");
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var tasks = Json.items(document, "tasks");
    if (tasks.isEmpty()) {
      out.note("No task yet. Try: tutti run auto \"hello\"");
    } else {
      out.table(Views.tasks(tasks));
    }
    return Exit.OK.code();
  }

  @Command(name = "show", description = "One task: where it ran, how long, and why there.")
  int show(@Parameters(paramLabel = "TASK") String id) {
    var task = session.hub().get("tasks/" + HubClient.encode(id));
    var out = session.output();
    if (out.isJson()) {
      out.document(task);
    } else {
      out.table(Views.facts(task));
    }
    return Exit.OK.code();
  }

  @Command(name = "cancel", description = "End a task at once, waiting or running.")
  int cancel(@Parameters(paramLabel = "TASK") String id) {
    var document = session.hub().delete("tasks/" + HubClient.encode(id));
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.note("cancelled " + id);
    }
    return Exit.OK.code();
  }
}
