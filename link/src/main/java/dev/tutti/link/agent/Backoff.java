package dev.tutti.link.agent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before the next try: anywhere between nothing and a bound that doubles, so that
/// many agents do not come back in step.
final class Backoff {
  static final Duration FIRST = Duration.ofMillis(250);
  static final Duration LAST = Duration.ofSeconds(5);

  private final RandomGenerator random;
  private Duration bound = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  Duration next() {
    Duration wait = Duration.ofNanos(random.nextLong(bound.toNanos() + 1));
    Duration doubled = bound.multipliedBy(2);
    bound = doubled.compareTo(LAST) > 0 ? LAST : doubled;
    return wait;
  }

  /// It worked.
  void reset() {
    bound = FIRST;
  }

  /// Trying soon is pointless.
  void slow() {
    bound = LAST;
  }
}
