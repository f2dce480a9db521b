package dev.tutti.app.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The hub's documents as tables for people.
final class Views {
  /// The longest text of one cell, in characters; the whole is in the JSON.
  private static final int MAX_CELL_CHARS = 120;

  /// How many names are listed before "and N more".
  private static final int MAX_NAMES = 3;

  private Views() {}

  static Table nodes(List<JsonNode> nodes) {
    var table =
        Table.of(
            "NODE",
            "STATUS",
            "ROLE",
            "HOST",
            ">ACTIVE",
            ">BACKENDS",
            ">MODELS",
            ">RAM FREE",
            ">RAM",
            "GPU",
            "NOTE");
    for (var node : nodes) {
      table.row(
          List.of(
              new Table.Cell(Json.text(node, "node_id"), Paint.STRONG),
              Output.state(Json.text(node, "status")),
              Table.Cell.of(Json.text(node, "role")),
              Table.Cell.of(Json.text(node, "host")),
              Table.Cell.of(number(Json.number(node, "active_tasks"))),
              Table.Cell.of(size(node, "backends")),
              Table.Cell.of(size(node, "models")),
              Table.Cell.of(gigabytes(Json.fraction(node, "hardware.ram_free_gb"))),
              Table.Cell.of(gigabytes(Json.fraction(node, "hardware.ram_total_gb"))),
              Table.Cell.of(Json.text(node, "hardware.gpu")),
              note(node)));
    }
    return table;
  }

  static Table keys(List<JsonNode> keys) {
    var table =
        Table.of("KEY", "ID", "STATE", "SCOPES", "MODELS", "ADDRESS", "EXPIRES", "LAST USED");
    for (var key : keys) {
      table.row(
          List.of(
              new Table.Cell(Json.text(key, "name"), Paint.STRONG),
              Table.Cell.of(Json.text(key, "id")),
              Output.state(Json.text(key, "state")),
              Table.Cell.of(words(key, "scopes")),
              Table.Cell.of(words(key, "models")),
              Table.Cell.of(Json.text(key, "address")),
              Table.Cell.of(Json.text(key, "expires_at")),
              Table.Cell.of(Json.text(key, "used_at"))));
    }
    return table;
  }

  private static String words(JsonNode node, String field) {
    return node.path(field)
        .valueStream()
        .map(each -> each.asString(""))
        .collect(Collectors.joining(", "));
  }

  static Table nodeModels(List<JsonNode> models) {
    var table = Table.of("MODEL", "TYPE", ">SIZE", "LOADED", "NOTE");
    for (var model : models) {
      table.row(
          List.of(
              new Table.Cell(Json.text(model, "name"), Paint.STRONG),
              Table.Cell.of(Json.text(model, "type")),
              Table.Cell.of(gigabytes(Json.fraction(model, "size_gb"))),
              Table.Cell.of(Json.flag(model, "loaded") ? "yes" : ""),
              note(model)));
    }
    return table;
  }

  static Table backends(List<JsonNode> backends) {
    var table =
        Table.of(
            "BACKEND", "HEALTH", "KIND", "NODE", "VIA", "URL", ">ACTIVE", ">SLOTS", ">MODELS",
            "NOTE");
    for (var backend : backends) {
      table.row(
          List.of(
              new Table.Cell(backendId(backend), Paint.STRONG),
              Output.state(health(backend)),
              Table.Cell.of(Json.text(backend, "kind")),
              Table.Cell.of(Json.text(backend, "node_id")),
              Table.Cell.of(Json.text(backend, "via")),
              Table.Cell.of(Json.text(backend, "url")),
              Table.Cell.of(number(Json.number(backend, "active_tasks"))),
              Table.Cell.of(number(Json.number(backend, "slots"))),
              Table.Cell.of(size(backend, "models")),
              note(backend)));
    }
    return table;
  }

  static String backendId(JsonNode backend) {
    return Json.text(backend, "backend_id", "id");
  }

  /// Whether a backend was found not to answer, lately or long ago.
  static boolean isDown(JsonNode backend) {
    return health(backend).equals("down") || health(backend).equals("offline");
  }

  static String health(JsonNode backend) {
    return Json.text(backend, "health").toLowerCase(Locale.ROOT);
  }

  static Table models(List<JsonNode> models) {
    var table = Table.of("MODEL", "TYPE", ">SIZE", ">CONTEXT", "LOADED", "NODES", "NOTE");
    for (var model : models) {
      table.row(
          List.of(
              new Table.Cell(Json.text(model, "name"), Paint.STRONG),
              Table.Cell.of(Json.text(model, "type")),
              Table.Cell.of(gigabytes(Json.fraction(model, "size_gb"))),
              Table.Cell.of(number(Json.number(model, "context_tokens"))),
              Table.Cell.of(loaded(model)),
              Table.Cell.of(places(model)),
              note(model)));
    }
    return table;
  }

  static Table found(List<JsonNode> found) {
    var table = Table.of("FOUND", "KIND", "URL", "NODE", "NOTE");
    for (var item : found) {
      table.row(
          List.of(
              Table.Cell.of(Json.text(item, "what", "type", "via")),
              Table.Cell.of(Json.text(item, "kind")),
              new Table.Cell(Json.text(item, "url", "address", "host"), Paint.STRONG),
              Table.Cell.of(Json.text(item, "node_id", "name")),
              note(item)));
    }
    return table;
  }

  static Table tasks(List<JsonNode> tasks) {
    var table =
        Table.of(
            "TASK",
            "STATE",
            "MODEL",
            "TYPE",
            ">PRIORITY",
            "NODE",
            ">WAITED",
            ">TOTAL",
            ">TRIES",
            "NOTE");
    for (var task : tasks) {
      var place = task.has("running") ? task.path("running") : task.path("ran");
      table.row(
          List.of(
              new Table.Cell(Json.text(task, "task_id"), Paint.STRONG),
              Output.state(Json.text(task, "state")),
              Table.Cell.of(Json.text(task, "model")),
              Table.Cell.of(Json.text(task, "type")),
              Table.Cell.of(number(Json.number(task, "priority"))),
              Table.Cell.of(Json.text(place, "node")),
              Table.Cell.of(millis(Json.number(task, "queued_ms"))),
              Table.Cell.of(millis(Json.number(task, "total_ms", "age_ms"))),
              Table.Cell.of(number(Json.number(task, "attempts"))),
              note(task)));
    }
    return table;
  }

  /// Those who wait, with how long they still will: half of them less than the one, nine in ten
  /// less than the other.
  static Table queue(List<JsonNode> tasks) {
    var table =
        Table.of(
            ">PLACE",
            "TASK",
            "BAND",
            ">PRIORITY",
            "MODEL",
            "TYPE",
            ">WAITED",
            ">P50",
            ">P90",
            ">TRIES",
            "NOTE");
    for (var task : tasks) {
      boolean learned = Json.flag(task, "wait_learned");
      table.row(
          List.of(
              Table.Cell.of(number(Json.number(task, "position"))),
              new Table.Cell(Json.text(task, "task_id"), Paint.STRONG),
              Table.Cell.of(Json.text(task, "band")),
              Table.Cell.of(number(Json.number(task, "priority"))),
              Table.Cell.of(Json.text(task, "model")),
              Table.Cell.of(Json.text(task, "type")),
              Table.Cell.of(millis(Json.number(task, "queued_ms"))),
              Table.Cell.of(about(learned, Json.number(task, "wait_p50_ms"))),
              Table.Cell.of(about(learned, Json.number(task, "wait_p90_ms"))),
              Table.Cell.of(number(Json.number(task, "attempts"))),
              note(task)));
    }
    return table;
  }

  /// What rests on nothing that was measured is marked.
  private static String about(boolean learned, OptionalLong millis) {
    return millis.isEmpty() ? "" : (learned ? "" : "~") + millis(millis);
  }

  /// What an explanation says in words, before its table.
  static List<String> explanation(JsonNode document) {
    var lines = new ArrayList<String>();
    lines.add(
        Json.text(document, "model")
            + " as "
            + Json.text(document, "type")
            + ", strategy "
            + Json.text(document, "strategy"));
    var refusal = Json.text(document, "refusal.message");
    if (!refusal.isEmpty()) {
      lines.add("refused: " + refusal);
    }
    Json.number(document, "wait.likely_ms")
        .ifPresent(likely -> {
          if (likely > 0) {
            var learned = Json.flag(document, "wait.learned") ? "" : ", nothing learned yet";
            lines.add(
                "wait: about "
                    + Text.duration(Duration.ofMillis(likely))
                    + " (an estimate"
                    + learned
                    + ")");
          }
        });
    return lines;
  }

  static Table ranking(List<JsonNode> places) {
    var table =
        Table.of(
            ">RANK",
            "BACKEND",
            "NODE",
            "MODEL",
            ">FREE",
            ">SLOTS",
            ">WAIT",
            ">LOAD",
            ">PREFILL",
            ">DECODE",
            ">END",
            "WHY",
            "NOTE");
    for (var place : places) {
      long rank = Json.number(place, "rank").orElse(0);
      table.row(
          List.of(
              Table.Cell.of(rank == 0 ? "-" : Long.toString(rank)),
              new Table.Cell(Json.text(place, "backend"), rank == 0 ? Paint.FAINT : Paint.STRONG),
              Table.Cell.of(Json.text(place, "node")),
              Table.Cell.of(Json.text(place, "model")),
              Table.Cell.of(number(Json.number(place, "free"))),
              Table.Cell.of(number(Json.number(place, "slots"))),
              term(place, "wait_ms"),
              term(place, "load_ms"),
              term(place, "prefill_ms"),
              term(place, "decode_ms"),
              term(place, "end_ms"),
              Table.Cell.of(cut(Json.text(place, "why"))),
              Output.simulated(isSimulated(place))));
    }
    return table;
  }

  /// A term of the time that is expected; one that rests on the kind of machine only is marked.
  private static Table.Cell term(JsonNode place, String name) {
    var millis = Json.number(place, "expected." + name);
    boolean measured = Json.text(place, "expected.source").equals("measured");
    return Table.Cell.of(
        millis.isEmpty()
            ? "-"
            : (measured ? "" : "~") + Text.duration(Duration.ofMillis(millis.getAsLong())));
  }

  /// Every plain field of one thing, a line each.
  static Table pending(List<JsonNode> waiting) {
    var table = Table.of("NODE", "CODE", "HOST", "ADDRESS", "VERSION", "SINCE");
    for (var node : waiting) {
      table.row(
          List.of(
              new Table.Cell(Json.text(node, "node_id"), Paint.STRONG),
              Table.Cell.of(Json.text(node, "code")),
              Table.Cell.of(Json.text(node, "host")),
              Table.Cell.of(Json.text(node, "address")),
              Table.Cell.of(Json.text(node, "version")),
              Table.Cell.of(Json.text(node, "since"))));
    }
    return table;
  }

  static Table facts(JsonNode thing) {
    var table = Table.of("FIELD", "VALUE");
    addFacts(table, "", thing);
    if (isSimulated(thing)) {
      table.row(List.of(Table.Cell.of("note"), Output.simulated(true)));
    }
    return table;
  }

  private static void addFacts(Table table, String prefix, JsonNode thing) {
    for (var field : thing.properties()) {
      var value = field.getValue();
      var name = prefix + field.getKey().replace('_', ' ');
      if (value.isObject()) {
        addFacts(table, name + ' ', value);
      } else {
        var text = value.isArray() ? String.join(", ", nameList(value)) : value.asString("");
        if (!text.isEmpty()) {
          table.row(name, cut(text));
        }
      }
    }
  }

  private static List<String> nameList(JsonNode array) {
    return array.values().stream()
        .map(item -> item.isObject() ? Json.text(item, "name", "node_id") : item.asString(""))
        .toList();
  }

  private static Table.Cell note(JsonNode thing) {
    var words = new ArrayList<String>();
    boolean simulated = isSimulated(thing);
    if (simulated) {
      words.add(Output.SIMULATED);
    }
    if (Json.flag(thing, "drained") && !Json.text(thing, "status").equals("drained")) {
      words.add("drained");
    }
    if (Json.flag(thing, "digest_conflict")) {
      words.add("differs between nodes");
    }
    var trouble = Json.text(thing, "trouble", "failure.message", "note");
    if (!trouble.isEmpty()) {
      words.add(trouble);
    }
    return new Table.Cell(cut(String.join("; ", words)), simulated ? Paint.SIMULATED : Paint.NONE);
  }

  /// Whether no real engine is behind it: by its own word, or by its model's name.
  static boolean isSimulated(JsonNode thing) {
    return Json.flag(thing, "simulated", "running.simulated", "ran.simulated")
        || Json.text(thing, "name", "model").startsWith("sim/");
  }

  private static String places(JsonNode model) {
    return names(
        Json.items(model, "backends").stream()
            .map(place -> Json.text(place, "node_id"))
            .distinct()
            .toList());
  }

  /// On how many of its backends the model is in memory.
  private static String loaded(JsonNode model) {
    var places = Json.items(model, "backends");
    long count = places.stream().filter(place -> Json.flag(place, "loaded")).count();
    return count == 0 ? "" : places.size() == 1 ? "yes" : "on " + count + " of " + places.size();
  }

  private static String names(List<String> names) {
    if (names.size() <= MAX_NAMES) {
      return String.join(", ", names);
    }
    int more = names.size() - MAX_NAMES;
    return String.join(", ", names.subList(0, MAX_NAMES)) + " and " + more + " more";
  }

  private static String size(JsonNode thing, String list) {
    var value = thing.path(list);
    return value.isArray() ? Integer.toString(value.size()) : value.asString("");
  }

  private static String number(OptionalLong number) {
    return number.isPresent() && number.getAsLong() >= 0 ? Long.toString(number.getAsLong()) : "";
  }

  private static String gigabytes(OptionalDouble gigabytes) {
    return gigabytes.isPresent() && gigabytes.getAsDouble() >= 0
        ? String.format(Locale.ROOT, "%.1f GB", gigabytes.getAsDouble())
        : "";
  }

  private static String millis(OptionalLong millis) {
    return millis.isPresent() ? Text.duration(Duration.ofMillis(millis.getAsLong())) : "";
  }

  private static String cut(String text) {
    return text.length() <= MAX_CELL_CHARS ? text : text.substring(0, MAX_CELL_CHARS - 1) + "…";
  }
}
