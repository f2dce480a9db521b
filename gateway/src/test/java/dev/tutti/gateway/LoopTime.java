package dev.tutti.gateway;

import dev.tutti.core.Time;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;

/// Real time on an event loop.
record LoopTime(Vertx vertx, Context owner) implements Time {
  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
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
    long millis = Math.max(1, delay.toMillis());
    owner.runOnContext(_ -> vertx.setTimer(millis, _ -> unlessCancelled.run()));
    return () -> cancelled[0] = true;
  }
}
