package dev.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tutti backend …`: the engines.
@Command(name = "backend", description = "Show the engines, add and remove them.")
final class BackendCommands {
  private final Session session;

  BackendCommands(Session session) {
    this.session = session;
  }

  @Command(name = "list", description = "All engines: their state, slots and models.")
  int list() {
    var document = session.hub().get("backends");
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var backends = Json.items(document, "backends");
    if (backends.isEmpty()) {
      out.note("No engine yet. Add one: tutti backend add URL, or look for some: tutti discover");
    } else {
      out.table(Views.backends(backends));
    }
    return Exit.OK.code();
  }

  @Command(name = "add", description = "Use an engine. The hub finds out what it is and has.")
  int add(
      @Parameters(paramLabel = "URL[,slots=N][,name=X]", description = "Where it listens.")
          String typed,
      @Option(
              names = "--slots",
              paramLabel = "N",
              defaultValue = "0",
              description = "Requests at a time. Default: what the engine says.")
          int slots,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              defaultValue = "",
              description = "What to call it. Default: its node and kind.")
          String name) {
    var body = backendOf(typed);
    if (slots > 0) {
      body.put("slots", slots);
    }
    if (!name.isEmpty()) {
      body.put("name", name);
    }
    return one(session.hub().post("backends", body));
  }

  @Command(name = "rm", description = "Forget an engine.")
  int rm(@Parameters(paramLabel = "BACKEND") String backend) {
    var document = session.hub().delete("backends/" + HubClient.encode(backend));
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.note("removed " + backend);
    }
    return Exit.OK.code();
  }

  @Command(
      name = "probe",
      description = "Ask an engine now what it is and has. Ends with 6 when it does not answer.")
  int probe(@Parameters(paramLabel = "BACKEND") String backend) {
    var path = "backends/" + HubClient.encode(backend) + "/probe";
    return one(session.hub().post(path, Json.object()));
  }

  private int one(JsonNode document) {
    var backend = document.path("backend").isObject() ? document.path("backend") : document;
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.table(Views.facts(backend));
    }
    return Views.isDown(backend) ? Exit.DOWN.code() : Exit.OK.code();
  }

  private static tools.jackson.databind.node.ObjectNode backendOf(String typed) {
    var body = Json.object().put("url", UpCommand.checkBackend(typed).toString());
    int comma = typed.indexOf(',');
    if (comma < 0) {
      return body;
    }
    for (var part : typed.substring(comma + 1).split(",", -1)) {
      if (part.matches("slots=[1-9][0-9]{0,4}")) {
        body.put("slots", Integer.parseInt(part.substring("slots=".length())));
      } else if (part.matches("name=.+")) {
        body.put("name", part.substring("name=".length()));
      } else {
        throw new CliException(Exit.USAGE, "backend: " + part + " (expected: slots=N or name=X)");
      }
    }
    return body;
  }
}
