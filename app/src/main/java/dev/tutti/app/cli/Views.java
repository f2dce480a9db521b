package dev.tutti.app.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
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
              new Table.Cell(Json.text(node, "node_id", "id"), Paint.STRONG),
              Output.state(Json.text(node, "status")),
              Table.Cell.of(Json.text(node, "role")),
              Table.Cell.of(Json.text(node, "host")),
              Table.Cell.of(number(Json.number(node, "active_tasks"))),
              Table.Cell.of(size(node, "backends")),
              Table.Cell.of(size(node, "models")),
              Table.Cell.of(gigabytes(Json.fraction(node, "hardware.ram_free_gb"))),
              Table.Cell.of(gigabytes(Json.fraction(node, "hardware.ram_total_gb"))),
              Table.Cell.of(Json.text(node, "hardware.gpu", "hardware.gpu_name")),
              note(node)));
    }
    return table;
  }

  static Table nodeModels(List<JsonNode> models) {
    var table = Table.of("MODEL", "TYPE", ">SIZE", "LOADED", "BACKEND", "NOTE");
    for (var model : models) {
      table.row(
          List.of(
              new Table.Cell(modelName(model), Paint.STRONG),
              Table.Cell.of(Json.text(model, "type")),
              Table.Cell.of(modelSize(model)),
              Table.Cell.of(Json.flag(model, "loaded", "resident") ? "yes" : ""),
              Table.Cell.of(Json.text(model, "backend")),
              Output.simulated(isSimulated(model))));
    }
    return table;
  }

  static Table backends(List<JsonNode> backends) {
    var table =
        Table.of(
            "BACKEND", "HEALTH", "KIND", "NODE", "WAY", "URL", ">FREE", ">SLOTS", ">MODELS",
            "NOTE");
    for (var backend : backends) {
      table.row(
          List.of(
              new Table.Cell(Json.text(backend, "id", "backend", "name"), Paint.STRONG),
              Output.state(health(backend)),
              Table.Cell.of(Json.text(backend, "kind")),
              Table.Cell.of(Json.text(backend, "node", "node_id")),
              Table.Cell.of(Json.text(backend, "way").toLowerCase(Locale.ROOT)),
              Table.Cell.of(Json.text(backend, "url")),
              Table.Cell.of(number(Json.number(backend, "free_slots", "slots_free", "free"))),
              Table.Cell.of(number(Json.number(backend, "slots"))),
              Table.Cell.of(size(backend, "models")),
              note(backend)));
    }
    return table;
  }

  static String health(JsonNode backend) {
    return Json.text(backend, "health", "status").toLowerCase(Locale.ROOT);
  }

  static Table models(List<JsonNode> models) {
    var table = Table.of("MODEL", "TYPE", ">SIZE", ">CONTEXT", "LOADED", "NODES", "NOTE");
    for (var model : models) {
      table.row(
          List.of(
              new Table.Cell(modelName(model), Paint.STRONG),
              Table.Cell.of(Json.text(model, "type")),
              Table.Cell.of(modelSize(model)),
              Table.Cell.of(
                  number(Json.number(model, "context_tokens", "context_length", "context"))),
              Table.Cell.of(loaded(model)),
              Table.Cell.of(names(places(model))),
              Output.simulated(isSimulated(model))));
    }
    return table;
  }

  static Table found(List<JsonNode> found) {
    var table = Table.of("FOUND", "KIND", "URL", "NODE", "NOTE");
    for (var item : found) {
      table.row(
          List.of(
              Table.Cell.of(Json.text(item, "what", "type", "source")),
              Table.Cell.of(Json.text(item, "kind")),
              new Table.Cell(Json.text(item, "url", "address", "host"), Paint.STRONG),
              Table.Cell.of(Json.text(item, "node", "node_id", "name")),
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
            ">RAN",
            ">TRIES",
            "NOTE");
    for (var task : tasks) {
      table.row(
          List.of(
              new Table.Cell(taskId(task), Paint.STRONG),
              Output.state(Json.text(task, "state", "status", "outcome")),
              Table.Cell.of(Json.text(task, "model")),
              Table.Cell.of(Json.text(task, "type")),
              Table.Cell.of(number(Json.number(task, "priority"))),
              Table.Cell.of(Json.text(task, "node", "node_id")),
              Table.Cell.of(millis(Json.number(task, "queue_ms", "queued_ms", "waited_ms"))),
              Table.Cell.of(millis(Json.number(task, "total_ms", "duration_ms", "ran_ms"))),
              Table.Cell.of(number(Json.number(task, "attempts", "attempt"))),
              note(task)));
    }
    return table;
  }

  static String taskId(JsonNode task) {
    return Json.text(task, "id", "task", "task_id");
  }

  /// The waiting tasks of a queue's document.
  static List<JsonNode> queued(JsonNode document) {
    for (var name : List.of("tasks", "queue", "waiting", "queued")) {
      var tasks = Json.items(document, name);
      if (!tasks.isEmpty()) {
        return tasks;
      }
    }
    return List.of();
  }

  /// What an explanation says in words.
  static List<String> explanation(JsonNode document) {
    var lines = new ArrayList<String>();
    var strategy = Json.text(document, "strategy");
    if (!strategy.isEmpty()) {
      lines.add("strategy " + strategy);
    }
    var why = Json.text(document, "why", "reason", "message");
    if (!why.isEmpty()) {
      lines.add(why);
    }
    return lines;
  }

  static List<JsonNode> candidates(JsonNode document) {
    for (var name : List.of("candidates", "ranked", "ranking", "backends", "routes")) {
      var candidates = Json.items(document, name);
      if (!candidates.isEmpty()) {
        return candidates;
      }
    }
    return List.of();
  }

  static Table ranking(List<JsonNode> candidates) {
    var table = Table.of(">", "BACKEND", "NODE", "MODEL", "FREE", "WHY", "NOTE");
    int rank = 0;
    for (var candidate : candidates) {
      boolean refused = candidate.has("eligible") && !Json.flag(candidate, "eligible");
      rank++;
      table.row(
          List.of(
              Table.Cell.of(refused ? "-" : Integer.toString(rank)),
              new Table.Cell(Json.text(candidate, "backend", "id"), Paint.STRONG),
              Table.Cell.of(Json.text(candidate, "node", "node_id")),
              Table.Cell.of(Json.text(candidate, "model")),
              Table.Cell.of(Json.text(candidate, "free_slots", "free")),
              Table.Cell.of(cut(Json.text(candidate, "why", "reason", "reasons"))),
              Output.simulated(isSimulated(candidate))));
    }
    return table;
  }

  /// Every plain field of one thing, a line each.
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
      } else if (value.isArray()) {
        table.row(name, cut(String.join(", ", nameList(value))));
      } else if (!value.isNull()) {
        table.row(name, cut(value.asString("")));
      }
    }
  }

  private static List<String> nameList(JsonNode array) {
    return array.values().stream()
        .map(item -> item.isObject() ? Json.text(item, "name", "id", "node_id") : item.asString(""))
        .toList();
  }

  private static Table.Cell note(JsonNode thing) {
    var words = new ArrayList<String>();
    boolean simulated = isSimulated(thing);
    if (simulated) {
      words.add(Output.SIMULATED);
    }
    if (Json.flag(thing, "drained")) {
      words.add("drained");
    }
    var trouble = Json.text(thing, "trouble", "error", "why", "note");
    if (!trouble.isEmpty()) {
      words.add(trouble);
    }
    var paint = simulated ? Paint.SIMULATED : trouble.isEmpty() ? Paint.NONE : Paint.FAINT;
    return new Table.Cell(cut(String.join("; ", words)), paint);
  }

  /// Whether no real engine is behind it: by its own word, or by its model's name.
  static boolean isSimulated(JsonNode thing) {
    return Json.flag(thing, "simulated")
        || Json.text(thing, "name", "model", "id").startsWith("sim/");
  }

  static String modelName(JsonNode model) {
    return Json.text(model, "name", "id", "model");
  }

  private static String modelSize(JsonNode model) {
    var bytes = Json.number(model, "size", "size_bytes");
    if (bytes.isPresent()) {
      return Text.bytes(bytes.getAsLong());
    }
    return gigabytes(Json.fraction(model, "size_gb"));
  }

  private static List<String> places(JsonNode model) {
    for (var name : List.of("nodes", "backends")) {
      if (model.path(name).isArray()) {
        return model.path(name).values().stream()
            .map(place ->
                place.isObject()
                    ? Json.text(place, "node", "node_id", "backend", "id")
                    : place.asString(""))
            .distinct()
            .toList();
      }
    }
    return List.of();
  }

  /// `yes`, or on how many backends, where the hub says it per backend.
  private static String loaded(JsonNode model) {
    if (Json.flag(model, "loaded", "resident")) {
      return "yes";
    }
    long count =
        Json.items(model, "backends").stream().filter(place -> Json.flag(place, "loaded")).count();
    return count == 0 ? names(nameList(model.path("loaded_on"))) : "on " + count;
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
