package dev.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tutti route …`: why there.
@Command(name = "route", description = "Explain where a request would run.")
final class RouteCommands {
  private final Session session;

  RouteCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "explain",
      description = "Rank the engines for a model now, with the reasons. Sends no work.")
  int explain(
      @Parameters(paramLabel = "MODEL", description = "A model, or auto, or auto:TYPE.")
          String model,
      @Option(
              names = "--type",
              paramLabel = "TYPE",
              defaultValue = "",
              description = "The kind of work: chat, code, vision, summarize, embed, …")
          String type) {
    var query = "routes/explain?model=" + HubClient.encode(model);
    var document =
        session.hub().get(type.isEmpty() ? query : query + "&type=" + HubClient.encode(type));
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return verdict(document).code();
    }
    Views.explanation(document).forEach(out::line);
    var places = Json.items(document, "places");
    if (!places.isEmpty()) {
      out.table(Views.ranking(places));
    }
    return verdict(document).code();
  }

  /// A request that would be refused now ends the explanation as it would end itself.
  private static Exit verdict(JsonNode document) {
    return switch (Json.text(document, "refusal.code")) {
      case "" -> Exit.OK;
      case "not_found" -> Exit.DOWN;
      case "busy" -> Exit.TIMEOUT;
      default -> Exit.FAILED;
    };
  }
}
