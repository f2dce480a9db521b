package dev.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `tutti model …`: what can be asked for.
@Command(name = "model", description = "Show the models, and who should hold them.")
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

  @Command(
      name = "place",
      description =
          "Plan which engine should hold which model in memory, from what was asked for lately,"
              + " sizes, memory and pins. Pulls and deletes nothing.")
  int place(
      @Option(names = "--plan", description = "Show the plan and change nothing; so without flags.")
          boolean plan,
      @Option(
              names = "--apply",
              description =
                  "Begin to load and unload as planned, one model after the other, behind all other"
                      + " work.")
          boolean apply) {
    if (plan && apply) {
      throw new CliException(Exit.USAGE, "--plan and --apply (expected: one of them)");
    }
    var out = session.output();
    var document =
        apply
            ? session.hub().post("models/placement", Json.object())
            : session.hub().get("models/placement");
    if (out.isJson()) {
      out.document(document);
    } else if (apply) {
      begun(document);
    } else {
      PlacementView.remarks(document).forEach(out::line);
      var table = PlacementView.plan(document);
      table.ifPresentOrElse(
          out::table, () -> out.note("Nothing is in memory, and nothing was asked for yet."));
      PlacementView.hints(document).forEach(out::note);
    }
    return Exit.OK.code();
  }

  private void begun(JsonNode document) {
    var out = session.output();
    var steps = Json.items(document, "begun");
    if (steps.isEmpty()) {
      out.note("Nothing to do: all is as planned.");
      return;
    }
    out.table(PlacementView.steps(steps));
    out.note("Begun, one after the other. See: tutti task list");
  }
}
