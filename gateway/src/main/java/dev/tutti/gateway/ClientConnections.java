package dev.tutti.gateway;

import dev.tutti.access.PeerAddress;
import dev.tutti.core.Time;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    open.put(connection, new Use(time.nanos(), peer(connection)));
    connection.closeHandler(_ -> open.remove(connection));
  }

  private static Optional<PeerAddress> peer(HttpConnection connection) {
    return Optional.ofNullable(connection.remoteAddress())
        .map(SocketAddress::hostAddress)
        .flatMap(PeerAddress::of);
  }

  /// Who is at the other end.
  Peer peerOf(HttpConnection connection) {
    Use use = open.get(connection);
    return use == null ? Peer.UNKNOWN : use.peer;
  }

  /// The other end of a connection.
  ///
  /// @param address where it is, if that is known
  /// @param isPrivate whether that is this machine or a private network
  record Peer(Optional<PeerAddress> address, boolean isPrivate) {
    static final Peer UNKNOWN = new Peer(Optional.empty(), false);
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
    private final Peer peer;
    private int underWay;
    private long quietSinceNanos;

    Use(long nowNanos, Optional<PeerAddress> address) {
      peer = new Peer(address, address.filter(PeerAddress::isPrivate).isPresent());
      quietSinceNanos = nowNanos;
    }
  }
}
