package dev.tutti.app.cli;

import java.io.IOException;
import java.util.Optional;

/// Where a chat's questions come from.
interface Questions extends AutoCloseable {
  /// Waits for the next question; nothing when there will be no more.
  Optional<String> next(String prompt) throws IOException;

  /// Has `action` run when the person wants the running answer to stop, until the guard is closed.
  Guard onInterrupt(Runnable action);

  @Override
  void close() throws IOException;

  /// Ends what {@link #onInterrupt} began.
  interface Guard extends AutoCloseable {
    @Override
    void close();
  }
}
