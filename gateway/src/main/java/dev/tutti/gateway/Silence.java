package dev.tutti.gateway;

import java.time.Duration;
import java.util.OptionalLong;

/// When a client that hears nothing is to be told that its answer is still coming. Times are
/// nanoseconds of the loop's clock.
///
/// The first sign freezes the status at 200, so it comes only when the answer will hardly become a
/// plain refusal any more: an engine has had the task for a while, or the wait in the queue is to
/// be longer than most clients bear.
final class Silence {
  private final GatewayLimits.Answers limits;
  private final boolean longWait;
  private boolean waiting;
  private boolean running;
  private boolean begun;
  private long since;
  private long quietSince;

  /// @param ttl how long the task may wait
  Silence(GatewayLimits.Answers limits, Duration ttl) {
    this.limits = limits;
    this.longWait = ttl.compareTo(limits.silentWait()) > 0;
  }

  /// The task waits for a slot.
  void waits(long now) {
    waiting = true;
    running = false;
    since = now;
  }

  /// An engine has the task.
  void runs(long now) {
    waiting = false;
    running = true;
    since = now;
    quietSince = now;
  }

  /// The engine said something, whether or not the client hears of it yet.
  void engineSpoke(long now) {
    quietSince = now;
  }

  /// The client was sent something.
  void wrote(long now) {
    begun = true;
    since = now;
  }

  /// When the next sign is due if nothing else happens; empty when none ever is.
  OptionalLong due() {
    if (begun) {
      return OptionalLong.of(since + limits.keepAlive().toNanos());
    }
    if (running) {
      return OptionalLong.of(
          Math.min(
              quietSince + limits.silentEngine().toNanos(), since + limits.silentWait().toNanos()));
    }
    return waiting && longWait
        ? OptionalLong.of(since + limits.silentWait().toNanos())
        : OptionalLong.empty();
  }
}
