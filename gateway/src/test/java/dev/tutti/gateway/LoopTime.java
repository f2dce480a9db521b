package dev.tutti.gateway;

import dev.tutti.core.Time;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Real time on an event loop, but for what no test can wait for.
final class LoopTime implements Time {
  /// Waits that are cut short, and how long they are instead.
  final Map<Duration, Duration> shortened = new ConcurrentHashMap<>();

  /// Every wait that was ever asked for.
  final Set<Duration> asked = ConcurrentHashMap.newKeySet();

  private final Vertx vertx;
  private final Context owner;
  private final AtomicLong skippedNanos = new AtomicLong();

  LoopTime(Vertx vertx, Context owner) {
    this.vertx = vertx;
    this.owner = owner;
  }

  /// From now on it is so much later. Waits under way end no sooner.
  void skip(Duration duration) {
    skippedNanos.addAndGet(duration.toNanos());
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime() + skippedNanos.get();
  }

  @Override
  public Timer after(Duration delay, Runnable action) {
    var cancelled = new boolean[1];
    Runnable unlessCancelled =
        () -> {
          if (!cancelled[0]) {
            action.run();
          }
        };
    asked.add(delay);
    long millis = Math.max(1, shortened.getOrDefault(delay, delay).toMillis());
    owner.runOnContext(_ -> vertx.setTimer(millis, _ -> unlessCancelled.run()));
    return () -> cancelled[0] = true;
  }
}
