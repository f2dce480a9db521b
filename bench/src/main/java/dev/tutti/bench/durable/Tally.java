package dev.tutti.bench.durable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What was counted, and what was wrong. Any thread may add.
public final class Tally {
  private final Map<String, Long> counts = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();

  synchronized void add(String what, long more) {
    counts.merge(what, more, Long::sum);
  }

  /// Notes a fault; the first few are told word for word.
  synchronized void fault(String what, String which) {
    add(what, 1);
    faults.add(what + ": " + which);
  }

  /// What is wrong.
  public synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  /// How often something was counted.
  public synchronized long count(String what) {
    return counts.getOrDefault(what, 0L);
  }

  synchronized void print(String title) {
    System.out.println("| " + title + " | |\n|---|---|");
    counts.forEach((what, count) -> System.out.printf(Locale.ROOT, "| %s | %,d |%n", what, count));
    faults.stream().limit(20).forEach(fault -> System.out.println("FAULT " + fault));
  }
}
