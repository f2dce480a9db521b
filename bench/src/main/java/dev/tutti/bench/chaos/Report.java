package dev.tutti.bench.chaos;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What a goal came to: a table for people, one line of JSON for programs, and whether it is met.
final class Report {
  private final ObjectNode json = JsonMapper.shared().createObjectNode();
  private boolean good = true;

  Report(String goal, long seed) {
    json.put("goal", goal).put("seed", seed);
    System.out.printf("%n%s, seed %d%n%n", goal, seed);
  }

  void table(String first, String... rest) {
    System.out.println("| " + first + " | " + String.join(" | ", rest) + " |");
    System.out.println("|---|" + "---:|".repeat(rest.length));
  }

  void row(String first, String... rest) {
    System.out.println("| " + first + " | " + String.join(" | ", rest) + " |");
  }

  static String seconds(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  void count(String name, long value) {
    json.put(name, value);
  }

  void figure(String name, double value) {
    json.put(name, Math.round(value * 10_000) / 10_000.0);
  }

  /// A figure that must not be greater.
  void atMost(String name, double value, double limit) {
    figure(name, value);
    verdict(name, value, "<=", limit, value <= limit);
  }

  /// A figure that must not be less.
  void atLeast(String name, double value, double limit) {
    figure(name, value);
    verdict(name, value, ">=", limit, value >= limit);
  }

  private void verdict(String name, double value, String sign, double limit, boolean met) {
    good &= met;
    System.out.printf(
        Locale.ROOT,
        "%s: %.4f (expected: %s %s)%s%n",
        name,
        value,
        sign,
        Double.toString(limit),
        met ? "" : "  MISSED");
  }

  /// What the judge found; must be nothing.
  void faults(List<String> found) {
    json.put("faults", found.size());
    good &= found.isEmpty();
    System.out.println("what must not be: " + found.size());
    found.stream().limit(20).forEach(fault -> System.out.println("  " + fault));
  }

  /// Prints the line and says whether all was met.
  boolean end() {
    json.put("met", good);
    System.out.println(json);
    return good;
  }
}
