package dev.tutti.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Time that stands still until somebody moves it: for simulations and tests.
///
/// Timers run inside {@link #advance} and {@link #runDue}, on the caller's thread, each at its
/// exact instant and those of the same instant in the order in which they were set. Not
/// thread-safe: one thread plays the owner loop.
public final class SimulatedTime implements Time {
  /// More timers than this within one call mean timers that set each other for ever.
  public static final int MAX_ACTIONS_PER_ADVANCE = 10_000_000;

  /// So many cancelled timers may wait to be swept out at any time.
  private static final int MIN_SWEEP = 64;

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /// Negative, since a monotonic clock's origin is arbitrary and code must not assume a sign.
  private static final long ORIGIN_NANOS = -5_000_000_000L;

  private final PriorityQueue<Pending> pending =
      new PriorityQueue<>(
          Comparator.comparingLong(Pending::dueNanos).thenComparingLong(Pending::order));
  private long elapsedNanos;
  private long scheduled;

  /// Timers in `pending` that were cancelled.
  private int cancelled;

  private Duration wallClockJump = Duration.ZERO;

  @Override
  public Instant now() {
    return START.plusNanos(elapsedNanos).plus(wallClockJump);
  }

  @Override
  public long nanos() {
    return ORIGIN_NANOS + elapsedNanos;
  }

  @Override
  public Timer after(Duration delay, Runnable action) {
    long wait = Math.max(0, delay.toNanos());
    var timer = new Pending(Math.addExact(elapsedNanos, wait), scheduled++, action);
    pending.add(timer);
    return () -> cancel(timer);
  }

  /// Taking one timer out of the middle would look at all of them, so the cancelled ones stay until
  /// they come to the front or are as many as the others.
  private void cancel(Pending timer) {
    if (timer.over) {
      return;
    }
    timer.over = true;
    cancelled++;
    if (cancelled > MIN_SWEEP && 2 * cancelled > pending.size()) {
      pending.removeIf(other -> other.over);
      cancelled = 0;
    }
  }

  /// The next timer that is to run, if there is one.
  private @Nullable Pending next() {
    Pending next = pending.peek();
    while (next != null && next.over) {
      pending.remove();
      cancelled--;
      next = pending.peek();
    }
    return next;
  }

  /// Moves time forward by `step`, running every timer that falls due on the way, also those that
  /// the timers set.
  public void advance(Duration step) {
    if (step.isNegative()) {
      throw new IllegalArgumentException("step: " + step + " (expected: >= 0)");
    }
    runUntil(Math.addExact(elapsedNanos, step.toNanos()));
  }

  /// Runs what is due at this very instant, without moving time.
  public void runDue() {
    runUntil(elapsedNanos);
  }

  /// Moves to the next pending timer and runs what is due then; says whether there was one.
  public boolean advanceToNext() {
    Pending next = next();
    if (next == null) {
      return false;
    }
    runUntil(next.dueNanos);
    return true;
  }

  /// How many timers are set and have neither run nor been cancelled.
  public int pendingTimers() {
    return pending.size() - cancelled;
  }

  /// Moves the wall clock alone, as an administrator or NTP would: {@link #nanos} and the timers do
  /// not notice.
  public void jumpWallClock(Duration jump) {
    wallClockJump = wallClockJump.plus(jump);
  }

  private void runUntil(long endNanos) {
    int actions = 0;
    for (Pending next = next(); next != null && next.dueNanos <= endNanos; next = next()) {
      pending.remove();
      next.over = true;
      elapsedNanos = next.dueNanos;
      if (++actions > MAX_ACTIONS_PER_ADVANCE) {
        throw new IllegalStateException(
            "timers run: " + actions + " (expected: <= " + MAX_ACTIONS_PER_ADVANCE + ")");
      }
      next.action.run();
    }
    elapsedNanos = endNanos;
  }

  /// A timer's identity is itself: two with equal parts would be two timers.
  private static final class Pending {
    private final long dueNanos;
    private final long order;
    private final Runnable action;

    /// Whether it has run or was cancelled.
    private boolean over;

    Pending(long dueNanos, long order, Runnable action) {
      this.dueNanos = dueNanos;
      this.order = order;
      this.action = action;
    }

    long dueNanos() {
      return dueNanos;
    }

    long order() {
      return order;
    }
  }
}
