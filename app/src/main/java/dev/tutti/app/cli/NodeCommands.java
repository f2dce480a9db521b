package dev.tutti.app.cli;

import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tutti node …`: the machines.
@Command(name = "node", description = "Show the machines, let them in, take them out of service.")
final class NodeCommands {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final List<String> ROLES =
      List.of("hq", "llm_worker", "browser_node", "full_worker");

  private final Session session;

  NodeCommands(Session session) {
    this.session = session;
  }

  @Command(name = "list", description = "All nodes: their state, memory, engines and work.")
  int list() {
    var document = session.hub().get("nodes");
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var nodes = Json.items(document, "nodes");
    if (nodes.isEmpty()) {
      out.note("No node yet. Add one: tutti node invite --name NAME");
    } else {
      out.table(Views.nodes(nodes));
    }
    return Exit.OK.code();
  }

  @Command(name = "show", description = "One node with its engines and models.")
  int show(@Parameters(paramLabel = "NODE") String node) {
    var document = session.hub().get(path(node));
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var view =
        document.has("node") && document.path("node").isObject() ? document.path("node") : document;
    out.table(Views.facts(view));
    var models = Json.items(view, "models");
    if (!models.isEmpty()) {
      out.gap();
      out.table(Views.nodeModels(models));
    }
    return Exit.OK.code();
  }

  @Command(
      name = "revoke",
      description = "Take a node's certificate away and forget the node: the same as rm.")
  int revoke(@Parameters(paramLabel = "NODE") String node) {
    return rm(node);
  }

  @Command(
      name = "rm",
      description = {
        "Forget a node and its engines.",
        "Its agent is told to leave, and its certificate is good for nothing any more."
      })
  int rm(@Parameters(paramLabel = "NODE") String node) {
    return done(session.hub().delete(path(node)), "removed " + node);
  }

  @Command(name = "drain", description = "Give a node no new work; what runs there may finish.")
  int drain(@Parameters(paramLabel = "NODE") String node) {
    return done(session.hub().post(path(node) + "/drain", Json.object()), "draining " + node);
  }

  @Command(name = "resume", description = "Put a drained node back into service.")
  int resume(@Parameters(paramLabel = "NODE") String node) {
    return done(session.hub().post(path(node) + "/resume", Json.object()), "resumed " + node);
  }

  @Command(
      name = "pending",
      description = "Who found the hub by itself and waits to be let in, each with its code.")
  int pending() {
    var document = session.hub().get("pending");
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var waiting = Json.items(document, "pending");
    if (waiting.isEmpty()) {
      out.note("Nobody waits.");
    } else {
      out.table(Views.pending(waiting));
    }
    return Exit.OK.code();
  }

  @Command(
      name = "approve",
      description = {
        "Let in a node that found the hub by itself.",
        "With the code that it shows nobody else can be let in by mistake."
      })
  int approve(
      @Parameters(paramLabel = "NODE") String node,
      @Parameters(
              paramLabel = "CODE",
              arity = "0..2",
              description = "The six digits that the node shows.")
          List<String> code) {
    var body = Json.object();
    if (code != null && !code.isEmpty()) {
      body.put("code", String.join(" ", code));
    }
    var document = session.hub().post(path(node) + "/approve", body);
    var shown = Json.text(document, "code");
    return done(document, "approved " + node + (shown.isEmpty() ? "" : "; its code is " + shown));
  }

  @Command(
      name = "invite",
      description = "Make a one-use token and print the command to type on the new machine.")
  int invite(
      @Option(
              names = "--name",
              paramLabel = "NAME",
              required = true,
              description = "The node's name: lower-case letters, digits, dot, dash, underscore.")
          String name,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              defaultValue = "llm_worker",
              description =
                  "hq, llm_worker, browser_node or full_worker. Default: ${DEFAULT-VALUE}.")
          String role,
      @Option(names = "--qr", description = "Draw the command as a QR code as well.") boolean qr) {
    if (!NAME.matcher(name).matches()) {
      throw new CliException(Exit.USAGE, "--name: " + name + " (expected: " + NAME + ")");
    }
    if (!ROLES.contains(role)) {
      throw new CliException(
          Exit.USAGE, "--role: " + role + " (expected: " + String.join(", ", ROLES) + ")");
    }
    var hub = session.hub();
    var document = hub.post("invites", Json.object().put("name", name).put("role", role));
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var told = Json.text(document, "command");
    var command =
        told.isEmpty()
            ? "tutti agent join " + hub.base() + " --token " + Json.text(document, "token")
            : told;
    out.line(command);
    if (qr) {
      QrDrawing.lines(command).forEach(session.streams().err()::println);
    }
    var expires = Json.text(document, "expires_at");
    out.note(
        "Type it on "
            + name
            + ". The token works once"
            + (expires.isEmpty() ? "." : ", until " + expires + "."));
    return Exit.OK.code();
  }

  private int done(JsonNode document, String what) {
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.note(what);
    }
    return Exit.OK.code();
  }

  private static String path(String node) {
    return "nodes/" + HubClient.encode(node);
  }
}
