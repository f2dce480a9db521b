package dev.tutti.app;

import dev.tutti.core.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// Real time but for the wall clock, which is off by what a file says. Like a clock that somebody
/// sets, it moves nothing else: timers and durations go on as they were.
final class MovedTime implements Time {
  /// Between two looks at the file.
  private static final long LOOK_EVERY_NANOS = 20_000_000;

  private final Time real = new WallTime();
  private final Path file;
  private volatile Offset offset;

  private record Offset(Duration by, long readNanos) {}

  /// @param file holds how far the clock is ahead, as {@link Duration#toString()} writes it
  MovedTime(Path file) {
    this.file = file;
    this.offset = read();
  }

  private Offset read() {
    try {
      return new Offset(Duration.parse(Files.readString(file).strip()), real.nanos());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Instant now() {
    Offset known = offset;
    if (real.nanos() - known.readNanos() > LOOK_EVERY_NANOS) {
      known = read();
      offset = known;
    }
    return real.now().plus(known.by());
  }

  @Override
  public long nanos() {
    return real.nanos();
  }

  @Override
  public Timer after(Duration delay, Runnable action) {
    return real.after(delay, action);
  }
}
