package dev.tutti.gateway;

import dev.tutti.core.Time;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The open connections of clients: bounds their number and closes those that do nothing. One that
/// has a request under way is never closed from here, however long its answer takes; one that sends
/// a request's head byte by byte has none under way. Owner loop only.
final class ClientConnections {
  private static final int SWEEPS_PER_LIMIT = 5;

  private final Map<HttpConnection, Use> open = new HashMap<>();
  private final Time time;
  private final int limit;
  private final Duration idle;
  private Time.@Nullable Timer sweep;

  ClientConnections(Time time, int limit, Duration idle) {
    this.time = time;
    this.limit = limit;
    this.idle = idle;
  }

  /// Begins to look for idle connections.
  void start() {
    sweep = time.after(idle.dividedBy(SWEEPS_PER_LIMIT), this::sweep);
  }

  /// A client connected.
  void opened(HttpConnection connection) {
    if (open.size() >= limit) {
      connection.close();
      return;
    }
    open.put(connection, new Use(time.nanos()));
    connection.closeHandler(_ -> open.remove(connection));
  }

  /// A request began on it.
  void began(HttpConnection connection) {
    Use use = open.get(connection);
    if (use != null) {
      use.underWay++;
    }
  }

  /// A request on it has ended.
  void ended(HttpConnection connection) {
    Use use = open.get(connection);
    if (use != null) {
      use.underWay--;
      use.quietSinceNanos = time.nanos();
    }
  }

  /// How many are open.
  int count() {
    return open.size();
  }

  /// Closes them all.
  void close() {
    if (sweep != null) {
      sweep.cancel();
    }
    for (HttpConnection connection : List.copyOf(open.keySet())) {
      connection.close();
    }
  }

  private void sweep() {
    long now = time.nanos();
    for (Map.Entry<HttpConnection, Use> entry : List.copyOf(open.entrySet())) {
      Use use = entry.getValue();
      if (use.underWay == 0 && now - use.quietSinceNanos > idle.toNanos()) {
        entry.getKey().close();
      }
    }
    start();
  }

  private static final class Use {
    private int underWay;
    private long quietSinceNanos;

    Use(long nowNanos) {
      quietSinceNanos = nowNanos;
    }
  }
}
