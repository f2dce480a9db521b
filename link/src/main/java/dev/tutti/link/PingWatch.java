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
  private Time.Timer next;
  private long sentNanos;
  private boolean waiting;
  private boolean stopped;

  /// Pings each {@link LinkLimits#HEARTBEAT}, and runs `silent` once when an answer takes longer
  /// than `patience`. `time` runs its timers on the connection's loop.
  public PingWatch(HttpConnection connection, Time time, Duration patience, Runnable silent) {
    this.connection = connection;
    this.time = time;
    this.patience = patience;
    this.silent = silent;
    this.next = time.after(LinkLimits.HEARTBEAT, this::tick);
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
    if (!waiting) {
      waiting = true;
      sentNanos = time.nanos();
      connection.ping(PING).onSuccess(_ -> waiting = false);
    } else if (time.nanos() - sentNanos > patience.toNanos()) {
      stopped = true;
      silent.run();
      return;
    }
    next = time.after(LinkLimits.HEARTBEAT.dividedBy(2), this::tick);
  }
}
