package dev.tutti.bench.liveness;

import dev.tutti.core.SimulatedTime;
import dev.tutti.core.Time;
import java.time.Duration;
import java.time.Instant;

/// Simulated time of an owner loop that can be stopped: what falls due meanwhile runs when it goes
/// on, in the order in which it was due.
final class PausableTime implements Time {
  private final SimulatedTime time;
  private long resumesAt;
  private boolean everPaused;

  PausableTime(SimulatedTime time) {
    this.time = time;
  }

  /// Stops the loop from now on for so long.
  void pause(Duration length) {
    everPaused = true;
    resumesAt = time.nanos() + length.toNanos();
  }

  @Override
  public Instant now() {
    return time.now();
  }

  @Override
  public long nanos() {
    return time.nanos();
  }

  @Override
  public Timer after(Duration delay, Runnable action) {
    var held = new Held(action);
    held.timer = time.after(delay, held);
    return held;
  }

  /// An action that waits for the loop.
  private final class Held implements Runnable, Timer {
    private final Runnable action;
    private Timer timer = () -> {};

    Held(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      long left = resumesAt - time.nanos();
      if (everPaused && left > 0) {
        timer = time.after(Duration.ofNanos(left), this);
      } else {
        action.run();
      }
    }

    @Override
    public void cancel() {
      timer.cancel();
    }
  }
}
