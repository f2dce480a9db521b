package dev.tutti.link;

import dev.tutti.core.Time;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;

/// Notices that the other end of a connection no longer answers, although TCP says nothing: pulled
/// cables, machines asleep. Lives on the connection's loop.
public final class PingWatch {
  private static final Buffer PING = Buffer.buffer(new byte[8]);

  private static final Duration LOOK_EVERY = LinkLimits.HEARTBEAT.dividedBy(2);

  /// After so long without a word there is a ping at the next look, so that there is one in each
  /// {@link LinkLimits#HEARTBEAT}.
  private static final Duration QUIET = LOOK_EVERY.plus(LOOK_EVERY.dividedBy(2));

  private final HttpConnection connection;
  private final Time time;
  private final Duration patience;
  private final Runnable silent;
  private final Runnable answered;
  private Time.Timer next;
  private long dueNanos;
  private long sentNanos;
  private long heardNanos;
  private boolean waiting;
  private boolean stopped;

  /// Pings when nothing came for a {@link LinkLimits#HEARTBEAT}, and runs `silent` once when an
  /// answer takes longer than `patience`. `time` runs its timers on the connection's loop.
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
    this.heardNanos = time.nanos();
    this.next = tickAfter(LinkLimits.HEARTBEAT);
  }

  private Time.Timer tickAfter(Duration wait) {
    dueNanos = time.nanos() + wait.toNanos();
    return time.after(wait, this::tick);
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
    next.cancel();
  }

  private void tick() {
    if (stopped) {
      return;
    }
    long now = time.nanos();
    if (!waiting) {
      if (now - heardNanos > QUIET.toNanos()) {
        ping(now);
      }
    } else if (now - dueNanos > LinkLimits.ASLEEP.toNanos()) {
      // It is we who were away: the answer may lie here unread.
      sentNanos = now;
    } else if (Math.min(now - sentNanos, now - heardNanos) > patience.toNanos()) {
      stopped = true;
      silent.run();
      return;
    }
    next = tickAfter(LOOK_EVERY);
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
