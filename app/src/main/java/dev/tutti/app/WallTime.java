package dev.tutti.app;

import dev.tutti.core.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

/// Real time for what has no loop of its own: commands and the store. A timer's action runs on a
/// virtual thread.
final class WallTime implements Time {
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
    var cancelled = new AtomicBoolean();
    Thread waiting =
        Thread.ofVirtual()
            .name("timer")
            .start(() -> {
              long end = System.nanoTime() + delay.toNanos();
              while (System.nanoTime() < end && !cancelled.get()) {
                java.util.concurrent.locks.LockSupport.parkNanos(end - System.nanoTime());
              }
              if (!cancelled.get()) {
                action.run();
              }
            });
    return () -> {
      cancelled.set(true);
      java.util.concurrent.locks.LockSupport.unpark(waiting);
    };
  }
}
