package dev.tutti.paced;

import dev.tutti.core.Time;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;

/// The machine's own clocks, with timers on one Vert.x event loop. {@link #after} is called on that
/// loop. A delay is rounded up to whole milliseconds.
final class LoopTime implements Time {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Vertx vertx;
  private final Context loop;

  LoopTime(Vertx vertx, Context loop) {
    this.vertx = vertx;
    this.loop = loop;
  }

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
    if (delay.isZero() || delay.isNegative()) {
      var turn = new NextTurn(action);
      loop.runOnContext(_ -> turn.run());
      return turn;
    }
    long id = vertx.setTimer(Math.ceilDiv(delay.toNanos(), NANOS_PER_MILLI), _ -> action.run());
    return () -> vertx.cancelTimer(id);
  }

  private static final class NextTurn implements Timer {
    private final Runnable action;
    private boolean cancelled;

    NextTurn(Runnable action) {
      this.action = action;
    }

    void run() {
      if (!cancelled) {
        action.run();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }
}
