package dev.tutti.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/// A plan of who should hold which model, for people.
final class PlacementView {
  private PlacementView() {}

  /// What is expected of the plan, and what hinders it, before its table.
  static List<String> remarks(JsonNode document) {
    var lines = new ArrayList<String>();
    for (var node : Json.items(document, "nodes")) {
      lines.add(
          Json.text(node, "node_id")
              + ": models use "
              + gigabytes(node, "used_gb")
              + " of "
              + room(node)
              + ", by plan "
              + gigabytes(node, "planned_gb"));
    }
    if (!Json.flag(document, "done")) {
      lines.add(
          "expected: "
              + Json.number(document, "expected.saved_s_per_hour").orElse(0)
              + " s of waiting less in an hour, at most "
              + fraction(document, "expected.loads_per_hour_now")
              + " loads an hour now, "
              + fraction(document, "expected.loads_per_hour_then")
              + " then (an estimate)");
    }
    document.path("remarks").forEach(remark -> lines.add(remark.asString("")));
    return lines;
  }

  /// The table, unless there is nothing in it.
  static Optional<Table> plan(JsonNode document) {
    var table = Table.of("NODE", "BACKEND", "MODEL", ">MEMORY", "ACTION", "WHY", "NOTE");
    boolean any = false;
    for (var node : Json.items(document, "nodes")) {
      for (var model : Json.items(node, "models")) {
        any = true;
        table.row(row(Json.text(node, "node_id"), model));
      }
    }
    return any ? Optional.of(table) : Optional.empty();
  }

  /// Steps that were begun.
  static Table steps(List<JsonNode> steps) {
    var table = Table.of("NODE", "BACKEND", "MODEL", ">MEMORY", "ACTION", "WHY", "NOTE");
    steps.forEach(step -> table.row(row("", step)));
    return table;
  }

  private static List<Table.Cell> row(String node, JsonNode model) {
    String action = Json.text(model, "action");
    return List.of(
        Table.Cell.of(node),
        Table.Cell.of(Json.text(model, "backend_id")),
        new Table.Cell(Json.text(model, "model"), Paint.STRONG),
        Table.Cell.of(gigabytes(model, "memory_gb")),
        new Table.Cell(action, action.equals("idle") ? Paint.FAINT : Paint.STRONG),
        Table.Cell.of(Json.text(model, "why")),
        Output.simulated(Json.flag(model, "simulated")));
  }

  /// What the owner can do.
  static List<String> hints(JsonNode document) {
    var hints = new ArrayList<String>();
    if (!Json.flag(document, "done")) {
      hints.add("To carry it out: tutti model place --apply");
    }
    for (var node : Json.items(document, "nodes")) {
      for (var model : Json.items(node, "models")) {
        if (Json.text(model, "action").equals("pull")) {
          hints.add(
              "On "
                  + Json.text(node, "node_id")
                  + " "
                  + Json.text(model, "model")
                  + " is missing; ask for it with /api/pull and x-tutti-node, or there: ollama pull "
                  + Json.text(model, "model"));
        }
      }
    }
    return hints;
  }

  private static String room(JsonNode node) {
    String room = gigabytes(node, "room_gb");
    return room.isEmpty() ? "an unknown amount" : room;
  }

  private static String gigabytes(JsonNode thing, String field) {
    OptionalDouble value = Json.fraction(thing, field);
    return value.isPresent() && value.getAsDouble() >= 0
        ? String.format(Locale.ROOT, "%.1f GB", value.getAsDouble())
        : "";
  }

  private static String fraction(JsonNode thing, String field) {
    return String.format(Locale.ROOT, "%.1f", Json.fraction(thing, field).orElse(0));
  }
}
