package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.function.BiConsumer;

/// Notices attempts whose engine has gone silent. Owner loop only.
final class Watchdog<W, E> {
  private final Time time;
  private final DispatchLimits limits;
  private final BiConsumer<Run<W, E>, Failure> stalled;

  /// A watchdog that tells of each stalled attempt once.
  Watchdog(Time time, DispatchLimits limits, BiConsumer<Run<W, E>, Failure> stalled) {
    this.time = time;
    this.limits = limits;
    this.stalled = stalled;
  }

  void watch(Run<W, E> run) {
    run.watchdog = time.after(left(run), () -> look(run));
  }

  void leave(Run<W, E> run) {
    Time.Timer timer = run.watchdog;
    if (timer != null) {
      timer.cancel();
    }
  }

  /// Sets itself again instead of being moved by each piece, which would cost more than it tells.
  private void look(Run<W, E> run) {
    if (run.ended) {
      return;
    }
    if (run.job.paused) {
      run.quietSince = time.nanos();
    }
    if (left(run).isPositive()) {
      watch(run);
      return;
    }
    stalled.accept(
        run,
        Failure.of(
            FailureCode.ENGINE_STALLED,
            Retry.UNSAFE_MAY_HAVE_ACTED,
            "the engine was silent for " + limit(run).toMillis() + " ms"));
  }

  private Duration left(Run<W, E> run) {
    return limit(run).minusNanos(time.nanos() - run.quietSince);
  }

  private Duration limit(Run<W, E> run) {
    return run.events == 0 ? limits.firstEvent() : limits.idle();
  }
}
