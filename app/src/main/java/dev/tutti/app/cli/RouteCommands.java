package dev.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
      return Exit.OK.code();
    }
    Views.explanation(document).forEach(out::line);
    var candidates = Views.candidates(document);
    if (!candidates.isEmpty()) {
      out.table(Views.ranking(candidates));
    }
    return Exit.OK.code();
  }
}
