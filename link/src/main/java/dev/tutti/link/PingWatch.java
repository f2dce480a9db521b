package dev.tutti.link;

import dev.tutti.core.Time;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;

/// Notices that the other end of a connection no longer answers, although TCP says nothing: pulled
/// cables, machines asleep. Lives on the connection's loop.
public final class PingWatch {
  private static final Buffer PING = Buffer.buffer(new byte[8]);

  private final HttpConnection connection;
  private final Time time;
  private final Duration patience;
  private final Runnable silent;
  private final Runnable answered;
  private Time.Timer next;
  private long dueNanos;
  private long sentNanos;
  private boolean waiting;
  private boolean stopped;

  /// Pings each {@link LinkLimits#HEARTBEAT}, and runs `silent` once when an answer takes longer
  /// than `patience`. `time` runs its timers on the connection's loop.
  public PingWatch(HttpConnection connection, Time time, Duration patience, Runnable silent) {
    this(connection, time, patience, silent, () -> {});
  }

  /// The same, and runs `answered` at each answer.
  public PingWatch(
      HttpConnection connection, Time time, Duration patience, Runnable silent, Runnable answered) {
    this.connection = connection;
    this.time = time;
    this.patience = patience;
    this.silent = silent;
    this.answered = answered;
    this.next = tickAfter(LinkLimits.HEARTBEAT);
  }

  private Time.Timer tickAfter(Duration wait) {
    dueNanos = time.nanos() + wait.toNanos();
    return time.after(wait, this::tick);
  }

  /// Whether a ping has been without an answer for longer than `patience`.
  public boolean isLate(Duration patience) {
    return waiting && time.nanos() - sentNanos > patience.toNanos();
  }

  /// Ends the watch.
  public void stop() {
    stopped = true;
    next.cancel();
  }

  private void tick() {
    if (stopped) {
      return;
    }
    long now = time.nanos();
    if (!waiting) {
      waiting = true;
      sentNanos = now;
      connection
          .ping(PING)
          .onSuccess(_ -> {
            waiting = false;
            answered.run();
          });
    } else if (now - dueNanos > LinkLimits.ASLEEP.toNanos()) {
      // It is we who were away: the answer may lie here unread.
      sentNanos = now;
    } else if (now - sentNanos > patience.toNanos()) {
      stopped = true;
      silent.run();
      return;
    }
    next = tickAfter(LinkLimits.HEARTBEAT.dividedBy(2));
  }
}
