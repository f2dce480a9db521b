package dev.tutti.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Holds the process until it is told to stop, and the JVM until the process has cleaned up.
///
/// One for a process. After {@link #await} returns, clean up, then {@link #close}.
final class StopSignal implements AutoCloseable {
  /// The longest clean-up, in seconds.
  private static final long CLEAN_UP_SECONDS = 10;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch cleaned = new CountDownLatch(1);
  private volatile boolean fromOutside;

  StopSignal() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  fromOutside = true;
                  stop.countDown();
                  try {
                    if (!cleaned.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
                      Runtime.getRuntime().halt(1);
                    }
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                },
                "told-to-stop"));
  }

  /// Ends the waiting from within.
  void stop() {
    stop.countDown();
  }

  /// Waits.
  ///
  /// @return whether a signal from outside ended it
  boolean await() {
    try {
      stop.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return fromOutside;
  }

  @Override
  public void close() {
    cleaned.countDown();
  }
}
