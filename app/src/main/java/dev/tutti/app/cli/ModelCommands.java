package dev.tutti.app.cli;

import picocli.CommandLine.Command;

/// `tutti model …`: what can be asked for.
@Command(name = "model", description = "Show the models.")
final class ModelCommands {
  private final Session session;

  ModelCommands(Session session) {
    this.session = session;
  }

  @Command(name = "list", description = "All models and where they are.")
  int list() {
    var document = session.hub().get("models");
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var models = Json.items(document, "models");
    if (models.isEmpty()) {
      out.note("No model yet: no engine that is up has one. See: tutti backend list");
    } else {
      out.table(Views.models(models));
    }
    return Exit.OK.code();
  }
}
