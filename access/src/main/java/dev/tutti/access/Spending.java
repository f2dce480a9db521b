package dev.tutti.access;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/// What the cloud has cost in this calendar month (UTC), in millionths of a euro: all of it, and by
/// who asked. Owner loop only.
public final class Spending {
  /// Millionths of a euro in a cent.
  public static final long MICRO_PER_CENT = 10_000;

  /// The most who are told apart; what others spend counts in the sum only.
  static final int MAX_NAMES = 4_096;

  private final Map<String, Long> byName = new HashMap<>();
  private String month = "";
  private long total;

  /// The name of a moment's month, such as `2026-01`.
  public static String monthOf(Instant now) {
    return YearMonth.from(now.atOffset(ZoneOffset.UTC)).toString();
  }

  /// How long this month still lasts.
  public static Duration leftOf(Instant now) {
    Instant end =
        YearMonth.from(now.atOffset(ZoneOffset.UTC))
            .plusMonths(1)
            .atDay(1)
            .atStartOfDay()
            .toInstant(ZoneOffset.UTC);
    return Duration.between(now, end);
  }

  /// What was spent before this process began.
  public void restore(Map<String, Long> spent, Instant now) {
    spent.forEach((name, micro) -> add(name, micro, now));
  }

  /// Counts what a task has cost.
  public void add(String name, long microEuro, Instant now) {
    turn(now);
    total += microEuro;
    if (byName.size() < MAX_NAMES || byName.containsKey(name)) {
      byName.merge(name, microEuro, Long::sum);
    }
  }

  /// What one has spent this month.
  public long of(String name, Instant now) {
    turn(now);
    return byName.getOrDefault(name, 0L);
  }

  /// What everybody has spent this month.
  public long total(Instant now) {
    turn(now);
    return total;
  }

  /// What each has spent this month.
  public Map<String, Long> all(Instant now) {
    turn(now);
    return Map.copyOf(byName);
  }

  private void turn(Instant now) {
    String current = monthOf(now);
    if (!current.equals(month)) {
      month = current;
      total = 0;
      byName.clear();
    }
  }
}
