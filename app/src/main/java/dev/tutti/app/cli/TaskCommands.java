package dev.tutti.app.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tutti task …`: the units of work.
@Command(name = "task", description = "Submit a task, show the tasks, cancel one.")
final class TaskCommands {
  private final Session session;

  TaskCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "submit",
      description = {
        "Give the hub a task and do not wait; it survives a restart of the hub.",
        "The prompt is what follows the model, after it what is piped in."
      })
  int submit(
      @Parameters(index = "0", paramLabel = "MODEL", description = "A model, or auto.")
          String model,
      @Parameters(index = "1..*", arity = "0..*", paramLabel = "PROMPT", description = "The task.")
          @Nullable List<String> prompt,
      @Option(
              names = "--priority",
              paramLabel = "0-9",
              description = "9 goes first. Default: 0, after everybody who waits.")
          @Nullable Integer priority,
      @Option(
              names = "--ttl-hours",
              paramLabel = "N",
              description = "How long it may take altogether. Default: 24.")
          @Nullable Integer ttlHours) {
    var words = new ArrayList<>(prompt == null ? List.<String>of() : prompt);
    var piped = Prompts.piped(session);
    if (!piped.isBlank()) {
      words.add(piped);
    }
    if (words.isEmpty()) {
      throw new CliException(Exit.USAGE, "PROMPT: nothing (expected: what is to be done)");
    }
    var task = Json.object().put("endpoint", "/v1/chat/completions");
    var body = task.putObject("body").put("model", model);
    body.putArray("messages")
        .addObject()
        .put("role", "user")
        .put("content", String.join(" ", words));
    if (priority != null) {
      task.put("priority", priority);
    }
    if (ttlHours != null) {
      task.put("ttl_ms", Duration.ofHours(ttlHours).toMillis());
    }
    var document = session.hub().post("tasks", task);
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.line(Json.text(document, "task_id"));
    }
    return Exit.OK.code();
  }

  @Command(name = "list", description = "Tasks that wait or run, and the newest that ended.")
  int list(
      @Option(
              names = "--state",
              paramLabel = "STATE",
              description =
                  "Submitted tasks in that state instead: all, queued, running, done, failed,"
                      + " cancelled, expired.")
          @Nullable String state) {
    var document =
        session.hub().get(state == null ? "tasks" : "tasks?state=" + HubClient.encode(state));
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
