package dev.tutti.bench.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Durations, and where most of them lie.
final class Times {
  private final List<Double> seconds = new ArrayList<>();

  void add(Duration one) {
    seconds.add(one.toNanos() / 1e9);
  }

  void addAll(Times others) {
    seconds.addAll(others.seconds);
  }

  static Times of(Collection<Times> parts) {
    var all = new Times();
    parts.forEach(all::addAll);
    return all;
  }

  int count() {
    return seconds.size();
  }

  /// The value that so many do not exceed, in seconds; 0 when there is none.
  double quantile(double share) {
    if (seconds.isEmpty()) {
      return 0;
    }
    List<Double> sorted = seconds.stream().sorted().toList();
    return sorted.get(Math.max(0, (int) Math.ceil(share * sorted.size()) - 1));
  }

  double max() {
    return quantile(1);
  }
}
