package dev.tutti.app.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `tutti key …`: who may use the mesh, and how much.
@Command(name = "key", description = "Make keys for clients, show them, revoke them.")
final class KeyCommands {
  private static final Pattern SPAN = Pattern.compile("([1-9][0-9]{0,5})([mhd])");

  private final Session session;

  KeyCommands(Session session) {
    this.session = session;
  }

  @Command(name = "create", description = "Make a key and print it: it is shown this once.")
  int create(
      @Option(
              names = "--name",
              paramLabel = "NAME",
              required = true,
              description = "What it is called; what it asks for belongs to this name.")
          String name,
      @Option(
              names = "--scope",
              paramLabel = "SCOPE",
              split = ",",
              defaultValue = "infer",
              description =
                  "What it is for: infer, admin, tools, nodes; several with commas. None includes"
                      + " another. Default: ${DEFAULT-VALUE}.")
          List<String> scopes,
      @Option(
              names = "--models",
              paramLabel = "GLOB",
              split = ",",
              description = "Models that may answer, such as llama3*; several with commas.")
          @Nullable List<String> models,
      @Option(
              names = "--nodes",
              paramLabel = "TIER",
              description = "The least trusted machines that may answer: guest, usual or trusted.")
          @Nullable String nodes,
      @Option(names = "--rpm", paramLabel = "N", description = "Requests a minute.")
          @Nullable Integer rpm,
      @Option(names = "--tpm", paramLabel = "N", description = "Tokens a minute, both ways.")
          @Nullable Integer tpm,
      @Option(names = "--concurrent", paramLabel = "N", description = "Tasks at a time.")
          @Nullable Integer concurrent,
      @Option(
              names = "--budget-eur",
              paramLabel = "EUR",
              description = "What the cloud may cost for it in a calendar month; 0: no cloud.")
          @Nullable Double budget,
      @Option(
              names = "--priority-max",
              paramLabel = "0-9",
              description = "The highest priority it may ask for, 9 first.")
          @Nullable Integer priority,
      @Option(
              names = "--privacy",
              paramLabel = "PRIVACY",
              description = "local: nothing of it leaves your network; any.")
          @Nullable String privacy,
      @Option(
              names = "--weight",
              paramLabel = "N",
              description = "Its share where keys compete: 2 is twice that of 1.")
          @Nullable Double weight,
      @Option(
              names = "--expires",
              paramLabel = "WHEN",
              description = "12h, 30d, or a time such as 2030-01-31T00:00:00Z.")
          @Nullable String expires,
      @Option(
              names = "--address",
              paramLabel = "IP",
              description = "For clients that cannot send a key: who comes from there is it.")
          @Nullable String address) {
    ObjectNode wish = Json.object().put("name", name);
    list(wish, "scopes", scopes);
    if (models != null) {
      list(wish, "models", models);
    }
    put(wish, "nodes", nodes);
    put(wish, "rpm", rpm);
    put(wish, "tpm", tpm);
    put(wish, "concurrent", concurrent);
    put(wish, "budget_eur", budget);
    put(wish, "priority_max", priority);
    put(wish, "privacy", privacy);
    put(wish, "weight", weight);
    put(wish, "address", address);
    put(wish, "expires_at", expires == null ? null : moment(expires));
    return made(session.hub().post("keys", wish));
  }

  private int made(JsonNode document) {
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    String token = Json.text(document, "token");
    if (token.isEmpty()) {
      out.note(
          "Who comes from "
              + Json.text(document, "address")
              + " needs no key and is "
              + Json.text(document, "name")
              + ".");
    } else {
      out.line(token);
      out.note("It is shown this once. Clients send it as their API key.");
    }
    return Exit.OK.code();
  }

  @Command(name = "list", description = "All keys: what they may, and when they were last used.")
  int list() {
    var document = session.hub().get("keys");
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
      return Exit.OK.code();
    }
    var keys = Json.items(document, "keys");
    if (keys.isEmpty()) {
      out.note("No key yet. Make one: tutti key create --name NAME");
    } else {
      out.table(Views.keys(keys));
    }
    return Exit.OK.code();
  }

  @Command(name = "show", description = "One key, never the secret part.")
  int show(
      @Parameters(paramLabel = "KEY", description = "Its name or the part after tutti_.")
          String key) {
    return facts(session.hub().get(path(key)));
  }

  @Command(
      name = "revoke",
      description = "End a key: it opens nothing more, and what it has open is closed.")
  int revoke(
      @Parameters(paramLabel = "KEY", description = "Its name or the part after tutti_.")
          String key) {
    var document = session.hub().delete(path(key));
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.note("revoked " + key);
    }
    return Exit.OK.code();
  }

  private int facts(JsonNode document) {
    var out = session.output();
    if (out.isJson()) {
      out.document(document);
    } else {
      out.table(Views.facts(document));
    }
    return Exit.OK.code();
  }

  private static void list(ObjectNode wish, String field, List<String> values) {
    ArrayNode list = wish.putArray(field);
    values.forEach(list::add);
  }

  private static void put(ObjectNode wish, String field, @Nullable Object value) {
    if (value != null) {
      wish.putPOJO(field, value);
    }
  }

  private String moment(String text) {
    Matcher span = SPAN.matcher(text);
    if (span.matches()) {
      long count = Long.parseLong(span.group(1));
      Duration length =
          switch (span.group(2)) {
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
          };
      return session.environment().time().now().plus(length).toString();
    }
    try {
      return Instant.parse(text).toString();
    } catch (DateTimeException _) {
      throw new CliException(
          Exit.USAGE, "--expires: " + text + " (expected: 12h, 30d or 2030-01-31T00:00:00Z)");
    }
  }

  private static String path(String key) {
    return "keys/" + HubClient.encode(key);
  }
}
