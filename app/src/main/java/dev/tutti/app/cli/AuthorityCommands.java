package dev.tutti.app.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `tutti ca …`: the authority behind the nodes' certificates.
@Command(
    name = "ca",
    description = "Show the authority behind the nodes' certificates, and change its root.")
final class AuthorityCommands {
  private final Session session;

  AuthorityCommands(Session session) {
    this.session = session;
  }

  @Command(name = "status", description = "Its pin, until when its parts are valid, its phase.")
  int status() {
    return shown(session.hub().get("authority"));
  }

  @Command(
      name = "rotate",
      description = {
        "Go one step on in the change to a new root, or begin one.",
        "Four steps: nodes learn the new root, nodes get certificates of it, the hub shows one of"
            + " it, the old root is forgotten. Each needs that every node has followed the last."
      })
  int rotate(@Option(names = "--force", description = FORCE) boolean force) {
    return shown(session.hub().post("authority/rotate", Json.object().put("force", force)));
  }

  @Command(name = "rollback", description = "Take the last step of such a change back.")
  int rollback(@Option(names = "--force", description = FORCE) boolean force) {
    return shown(session.hub().post("authority/rollback", Json.object().put("force", force)));
  }

  private static final String FORCE =
      "Also when some node has not followed: it may have to be invited anew.";

  private int shown(JsonNode document) {
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.table(Views.facts(document));
    }
    return Exit.OK.code();
  }
}
