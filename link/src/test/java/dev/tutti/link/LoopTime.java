package dev.tutti.link;

import dev.tutti.core.Time;
import io.vertx.core.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/// Real time whose timers run on one event loop, with a wall clock that somebody may put forward or
/// back.
///
/// @param shift by how much the wall clock is off
public record LoopTime(Context context, AtomicReference<Duration> shift) implements Time {
  public LoopTime(Context context) {
    this(context, new AtomicReference<>(Duration.ZERO));
  }

  @Override
  public Instant now() {
    return Instant.now().plus(shift.get());
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timer after(Duration delay, Runnable action) {
    var cancelled = new AtomicBoolean();
    Runnable unlessCancelled =
        () -> {
          if (!cancelled.get()) {
            action.run();
          }
        };
    context.runOnContext(_ -> {
      if (delay.toMillis() <= 0) {
        context.runOnContext(_ -> unlessCancelled.run());
      } else {
        context.owner().setTimer(delay.toMillis(), _ -> unlessCancelled.run());
      }
    });
    return () -> cancelled.set(true);
  }
}
