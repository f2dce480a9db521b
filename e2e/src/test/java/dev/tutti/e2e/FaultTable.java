package dev.tutti.e2e;

import dev.tutti.e2e.FaultyMesh.Spoken;
import dev.tutti.e2e.FaultyMesh.Trouble;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The outcomes of one round: a row for each way of asking, in each row an outcome for each model
/// of {@link FaultyMesh}. Outcomes are those of `faults.mjs`.
final class FaultTable {
  static final String WHOLE = "whole";
  private static final String ERROR = "error: ";
  private static final String STREAM = "stream";
  private static final String BOTH = "an error, or whole";

  private final Map<String, Map<String, String>> rows = new LinkedHashMap<>();

  void put(String way, String model, String outcome) {
    rows.computeIfAbsent(way, _ -> new LinkedHashMap<>()).put(model, outcome);
  }

  /// The cases whose client saw something other than an error, and other than the whole answer
  /// where that is allowed.
  List<String> wrong(boolean soundEngine) {
    List<String> wrong = new ArrayList<>();
    rows.forEach((way, row) -> {
      for (Spoken spoken : Spoken.values()) {
        for (Trouble trouble : Trouble.values()) {
          String seen = row.getOrDefault(FaultyMesh.model(spoken, trouble), "nothing");
          boolean right =
              switch (expected(way, trouble, soundEngine)) {
                case WHOLE -> seen.equals(WHOLE);
                case ERROR -> seen.startsWith(ERROR);
                default -> seen.equals(WHOLE) || seen.startsWith(ERROR);
              };
          if (!right) {
            wrong.add(way + ", " + spoken.text() + " " + trouble.text() + ": " + seen);
          }
        }
      }
    });
    return wrong;
  }

  /// A stream that has begun cannot be taken back, and the sound engine has it whole where it was
  /// asked first because the other was known to be ill.
  private static String expected(String way, Trouble trouble, boolean soundEngine) {
    if (!soundEngine) {
      return ERROR;
    }
    return trouble.isEarly() || !way.contains(STREAM) ? WHOLE : BOTH;
  }

  /// As a table for people; a cell has the error's class.
  String markdown(boolean soundEngine) {
    var text = new StringBuilder("| client |");
    for (Trouble trouble : Trouble.values()) {
      text.append(' ').append(trouble.text()).append(" |");
    }
    text.append("\n|---|").append("---|".repeat(Trouble.values().length)).append('\n');
    rows.forEach((way, row) -> {
      text.append("| ").append(way).append(" |");
      for (Trouble trouble : Trouble.values()) {
        text.append(' ').append(cell(way, row, trouble, soundEngine)).append(" |");
      }
      text.append('\n');
    });
    return text.toString();
  }

  /// A table with "error" in place of the classes: which one a client throws may hang on whether
  /// the error record or the reset is noticed first.
  static String withoutClasses(String markdown) {
    return markdown.replaceAll("`[^`]*`( or `[^`]*`)*", "error");
  }

  private static String cell(
      String way, Map<String, String> row, Trouble trouble, boolean soundEngine) {
    if (expected(way, trouble, soundEngine).equals(BOTH)) {
      return BOTH;
    }
    return Arrays.stream(Spoken.values())
        .map(spoken -> readable(row.get(FaultyMesh.model(spoken, trouble))))
        .distinct()
        .collect(Collectors.joining(" or "));
  }

  private static String readable(String outcome) {
    return outcome.startsWith(ERROR)
        ? "`" + outcome.substring(ERROR.length(), outcome.indexOf('\t')) + "`"
        : outcome;
  }
}
