package dev.tutti.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The words of a benchmark that has options: `--name value` each.
public final class Options {
  private final Map<String, String> values = new HashMap<>();

  /// @param known the names that there are
  public Options(List<String> words, Set<String> known) {
    for (int i = 0; i < words.size(); i += 2) {
      String name = words.get(i);
      if (!known.contains(name) || i + 1 >= words.size()) {
        throw new IllegalArgumentException(name + " (expected: one of " + known + ", and a value)");
      }
      values.put(name, words.get(i + 1));
    }
  }

  /// The option's value, or what holds without it.
  public String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  /// The option's value as a number, or what holds without it.
  public double number(String name, double otherwise) {
    String value = values.get(name);
    return value == null ? otherwise : Double.parseDouble(value);
  }

  /// The value between commas, or another when it was not given.
  public List<String> list(String name, String otherwise) {
    return List.of(text(name, otherwise).split(",", -1));
  }
}
