package dev.tutti.link;

import dev.tutti.core.Time;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.function.Supplier;

/// Notices that the other end of a connection no longer answers, although TCP says nothing: pulled
/// cables, machines asleep. It has no clockwork of its own: whoever owns the connection looks, on
/// its loop, every {@link LinkLimits#LOOK_EVERY} or so.
public final class PingWatch {
  private static final Buffer PING = Buffer.buffer(new byte[8]);

  private final HttpConnection connection;
  private final Time time;
  private final Supplier<Duration> quiet;
  private final Duration patience;
  private final Runnable silent;
  private final Runnable answered;
  private long lookedNanos;
  private long sentNanos;
  private long heardNanos;
  private boolean waiting;
  private boolean stopped;

  /// @param quiet after so long without a word there is a ping; asked at each look, since less is
  ///   worth knowing while the other end is heard elsewhere
  /// @param patience how long a ping may be without an answer
  /// @param silent runs once, when it was longer
  /// @param answered runs at each answer
  public PingWatch(
      HttpConnection connection,
      Time time,
      Supplier<Duration> quiet,
      Duration patience,
      Runnable silent,
      Runnable answered) {
    this.connection = connection;
    this.time = time;
    this.quiet = quiet;
    this.patience = patience;
    this.silent = silent;
    this.answered = answered;
    this.heardNanos = time.nanos();
    this.lookedNanos = heardNanos;
  }

  /// Something else came from the other end: no ping is needed to know that it is there.
  public void heard() {
    heardNanos = time.nanos();
  }

  /// Whether a ping has been without an answer for longer than `patience`.
  public boolean isLate(Duration patience) {
    return waiting && time.nanos() - sentNanos > patience.toNanos();
  }

  /// Ends the watch.
  public void stop() {
    stopped = true;
  }

  /// Pings when it is time to, and says so when an answer is overdue.
  public void look() {
    if (stopped) {
      return;
    }
    long now = time.nanos();
    long since = now - lookedNanos;
    lookedNanos = now;
    if (!waiting) {
      if (now - heardNanos > quiet.get().toNanos()) {
        ping(now);
      }
    } else if (since > LinkLimits.ASLEEP.toNanos()) {
      // It is we who were away: the answer may lie here unread.
      sentNanos = now;
    } else if (Math.min(now - sentNanos, now - heardNanos) > patience.toNanos()) {
      stopped = true;
      silent.run();
    }
  }

  private void ping(long now) {
    waiting = true;
    sentNanos = now;
    connection
        .ping(PING)
        .onSuccess(_ -> {
          waiting = false;
          heard();
          answered.run();
        });
  }
}
