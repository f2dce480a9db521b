package dev.tutti.core;

import java.time.Duration;
import java.time.Instant;

/// The only way to ask what time it is or to wait. Real in processes, simulated in tests.
///
/// An implementation that belongs to an owner loop runs its timers on that loop, so an action needs
/// no lock.
public interface Time {
  /// The wall clock. For display and records only: it may jump.
  Instant now();

  /// Monotonic nanoseconds from an arbitrary origin. For every duration and deadline.
  long nanos();

  /// Runs `action` once, not before `delay` has passed; a delay of zero or less means "next turn".
  Timer after(Duration delay, Runnable action);

  /// A pending action.
  interface Timer {
    /// Prevents the action if it has not begun; harmless otherwise.
    void cancel();
  }
}
