package dev.tutti.gateway;

import dev.tutti.access.PeerAddress;
import dev.tutti.core.Time;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The open connections of clients: bounds their number and closes those that do nothing. One that
/// has a request under way is never closed from here, however long its answer takes; one that sends
/// a request's head byte by byte has none under way. Owner loop only.
///
/// Where there is no room for another connection, the one that has done nothing for longest makes
/// it: a crowd that only holds connections open keeps nobody out.
final class ClientConnections {
  private static final int SWEEPS_PER_LIMIT = 5;

  private final Map<HttpConnection, Use> open = new HashMap<>();
  private final Map<String, Integer> byAddress = new HashMap<>();

  /// Those without a request under way, the one that is so for longest first.
  private final Set<HttpConnection> quiet = new LinkedHashSet<>();

  private final Time time;
  private final GatewayLimits.Connections limits;
  private Time.@Nullable Timer sweep;

  ClientConnections(Time time, GatewayLimits.Connections limits) {
    this.time = time;
    this.limits = limits;
  }

  /// Begins to look for idle connections.
  void start() {
    sweep = time.after(limits.idle().dividedBy(SWEEPS_PER_LIMIT), this::sweep);
  }

  /// A client connected.
  void opened(HttpConnection connection) {
    String address = address(connection);
    boolean room =
        (byAddress.getOrDefault(address, 0) < limits.maxPerAddress()
                || makeRoom(Optional.of(address)))
            && (open.size() < limits.max() || makeRoom(Optional.empty()));
    if (!room) {
      connection.close();
      return;
    }
    open.put(connection, new Use(address, peer(connection), time.nanos()));
    byAddress.merge(address, 1, Integer::sum);
    quiet.add(connection);
    connection.closeHandler(_ -> forget(connection));
  }

  private static Peer peer(HttpConnection connection) {
    Optional<PeerAddress> remote = address(connection.remoteAddress());
    boolean isPrivate =
        remote.filter(PeerAddress::isPrivate).isPresent()
            // From this very machine by its own address in the network: it never leaves it.
            || (remote.isPresent() && remote.equals(address(connection.localAddress())));
    return new Peer(remote, isPrivate);
  }

  private static Optional<PeerAddress> address(@Nullable SocketAddress socket) {
    return Optional.ofNullable(socket).map(SocketAddress::hostAddress).flatMap(PeerAddress::of);
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
      quiet.remove(connection);
    }
  }

  /// A request on it has ended.
  void ended(HttpConnection connection) {
    Use use = open.get(connection);
    if (use != null) {
      use.underWay--;
      use.quietSinceNanos = time.nanos();
      if (use.underWay == 0) {
        quiet.add(connection);
      }
    }
  }

  /// Every connection that has a request under way.
  void forEachBusy(Consumer<HttpConnection> action) {
    List.copyOf(open.keySet()).stream()
        .filter(connection -> !quiet.contains(connection))
        .forEach(action);
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
    for (HttpConnection connection : List.copyOf(quiet)) {
      Use use = open.get(connection);
      if (use != null && now - use.quietSinceNanos > limits.idle().toNanos()) {
        connection.close();
      }
    }
    start();
  }

  /// Closes the connection that is quiet for longest.
  ///
  /// @param of whose; anybody's when empty
  /// @return whether there was one
  private boolean makeRoom(Optional<String> of) {
    for (HttpConnection connection : quiet) {
      Use use = open.get(connection);
      if (use != null && of.filter(address -> !address.equals(use.address)).isEmpty()) {
        forget(connection);
        connection.close();
        return true;
      }
    }
    return false;
  }

  private void forget(HttpConnection connection) {
    Use use = open.remove(connection);
    quiet.remove(connection);
    if (use != null) {
      byAddress.computeIfPresent(use.address, (_, count) -> count == 1 ? null : count - 1);
    }
  }

  private static String address(HttpConnection connection) {
    SocketAddress remote = connection.remoteAddress();
    String address = remote == null ? null : remote.hostAddress();
    return address == null ? "" : address;
  }

  private static final class Use {
    private final String address;
    private final Peer peer;
    private int underWay;
    private long quietSinceNanos;

    Use(String address, Peer peer, long nowNanos) {
      this.address = address;
      this.peer = peer;
      this.quietSinceNanos = nowNanos;
    }
  }
}
