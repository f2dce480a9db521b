package dev.tutti.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Waiting for something that another thread or process does: the one place of the tests that
/// sleeps, and never without a deadline.
public final class Eventually {
  private static final long POLL_NANOS = Duration.ofMillis(2).toNanos();

  private Eventually() {}

  /// Returns as soon as `condition` holds; fails when it does not within `deadline`. `what` says in
  /// the failure what was waited for. An error that the condition throws counts as "not yet".
  public static void until(String what, Duration deadline, BooleanSupplier condition) {
    value(what, deadline, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
  }

  /// Like {@link #until(String, Duration, BooleanSupplier)} without a name for what is awaited.
  public static void until(Duration deadline, BooleanSupplier condition) {
    until("the condition", deadline, condition);
  }

  /// The first answer of `attempt` that is not null and not thrown.
  public static <T> T value(
      String what, Duration deadline, Callable<? extends @Nullable T> attempt) {
    long start = System.nanoTime();
    Throwable last = null;
    int tries = 0;
    while (true) {
      tries++;
      try {
        T answer = attempt.call();
        if (answer != null) {
          return answer;
        }
        last = null;
      } catch (Exception | AssertionError notYet) {
        last = notYet;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("interrupted while waiting for " + what, last);
      }
      if (System.nanoTime() - start > deadline.toNanos()) {
        throw new AssertionError(
            what + " did not come about within " + deadline + " (" + tries + " tries)", last);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
