package dev.tutti.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `tutti discover`: what could be used and is not yet.
@Command(
    name = "discover",
    description = "Look for engines and nodes. Nothing that is found is used without your word.")
final class DiscoverCommand implements Callable<Integer> {
  private final Session session;

  DiscoverCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var document = session.hub().post("discover", Json.object());
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var found = Json.items(document, "found");
    if (found.isEmpty()) {
      out.note("Nothing new was found.");
    } else {
      out.table(Views.found(found));
      out.note("Use one: tutti backend add URL, or: tutti node approve NAME");
    }
    return Exit.OK.code();
  }
}
