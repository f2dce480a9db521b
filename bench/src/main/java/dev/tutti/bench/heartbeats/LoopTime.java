package dev.tutti.bench.heartbeats;

import dev.tutti.core.Time;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;

/// Real time whose timers run on one event loop.
record LoopTime(Vertx vertx, Context loop) implements Time {
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
    long id =
        vertx.setTimer(
            Math.max(1, Math.ceilDiv(delay.toNanos(), 1_000_000L)),
            _ -> loop.runOnContext(_ -> action.run()));
    return () -> vertx.cancelTimer(id);
  }
}
