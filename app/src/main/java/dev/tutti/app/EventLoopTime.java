package dev.tutti.app;

import dev.tutti.core.Time;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.time.Instant;

/// Real time whose timers run on one event loop: that of the owner.
final class EventLoopTime implements Time {
  private final Vertx vertx;
  private final Context loop;
  private final Time process;

  /// @param process whose wall clock this one shows
  EventLoopTime(Vertx vertx, Context loop, Time process) {
    this.vertx = vertx;
    this.loop = loop;
    this.process = process;
  }

  @Override
  public Instant now() {
    return process.now();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  /// Vert.x counts in whole milliseconds, so a delay is rounded up and never fires early.
  @Override
  public Timer after(Duration delay, Runnable action) {
    long millis = Math.ceilDiv(Math.max(0, delay.toNanos()), 1_000_000L);
    if (millis == 0) {
      var next = new NextTurn(action);
      loop.runOnContext(_ -> next.run());
      return next;
    }
    if (((ContextInternal) loop).inThread()) {
      long id = vertx.setTimer(millis, _ -> action.run());
      return () -> vertx.cancelTimer(id);
    }
    var later = new NextTurn(action);
    loop.runOnContext(_ -> vertx.setTimer(millis, _ -> later.run()));
    return later;
  }

  /// An action that can be called off until it runs.
  private static final class NextTurn implements Timer {
    private final Runnable action;
    private volatile boolean cancelled;

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
