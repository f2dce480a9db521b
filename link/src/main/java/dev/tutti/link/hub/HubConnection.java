package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.PingWatch;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One connection that somebody opened to the hub. Link loop.
final class HubConnection {
  /// Refusals after which a connection is closed.
  private static final int MAX_REFUSALS = 8;

  /// Resets sent per {@link #RESET_WINDOW}: the client library at the other end ends the whole
  /// connection at 200, and cannot be told otherwise.
  private static final int MAX_RESETS = 100;

  private static final Duration RESET_WINDOW = Duration.ofSeconds(30);

  private final HttpConnection connection;
  private final Peer peer;
  private final Time time;
  private final PingWatch watch;
  private final long openedNanos;
  private boolean stranger = true;
  private int refusals;
  private int enrolCalls;
  private long resetsSinceNanos;
  private int resets;
  private @Nullable Runnable answered;
  private boolean pulse;
  private @Nullable Pulses pulses;
  private @Nullable NodeId node;
  private @Nullable PulseSession beside;

  HubConnection(HttpConnection connection, Peer peer, Time time) {
    this.connection = connection;
    this.peer = peer;
    this.time = time;
    this.watch =
        new PingWatch(
            connection, time, this::quiet, LinkLimits.SILENCE, connection::close, this::alive);
    connection.pingHandler(_ -> {
      heard();
      alive();
    });
    this.openedNanos = time.nanos();
    this.resetsSinceNanos = openedNanos;
  }

  /// How long nothing may come before it is pinged.
  private Duration quiet() {
    if (isBesideAPulse()) {
      return LinkLimits.QUIET_BESIDE_PINGS;
    }
    return pulse ? LinkLimits.PULSE_LATE : LinkLimits.QUIET;
  }

  /// Whether the machine whose slots are on it has a pulse elsewhere, in time. Whose pulse that is
  /// is remembered, since this is asked of every connection at every look.
  private boolean isBesideAPulse() {
    if (beside == null || !beside.beats()) {
      beside = pulses == null || node == null ? null : pulses.of(node);
    }
    return beside != null && beside.beats();
  }

  private void alive() {
    Runnable told = answered;
    if (told != null) {
      told.run();
    }
  }

  /// Something came on it.
  void heard() {
    watch.heard();
  }

  /// Who is at its other end.
  Peer peer() {
    return peer;
  }

  /// Ends it.
  void close() {
    connection.close();
  }

  /// Where it comes from, without the port.
  String address() {
    return connection.remoteAddress() == null ? "" : connection.remoteAddress().hostAddress();
  }

  /// A known node's pulse is on it.
  void carriesPulse() {
    stranger = false;
    pulse = true;
  }

  /// A known node's slots are on it. `heard` runs at each ping and each answer to one from now on;
  /// what the first slot says counts.
  void carriesSlots(NodeId node, Pulses pulses, Runnable heard) {
    stranger = false;
    if (answered == null) {
      answered = heard;
      this.node = node;
      this.pulses = pulses;
    }
  }

  /// It is time to look at the clock.
  void look() {
    long open = time.nanos() - openedNanos;
    boolean overdue =
        stranger
            ? open > LinkLimits.GREETING.toNanos()
            : peer.mayWork() && open > peer.freshFor().toNanos();
    if (overdue) {
      connection.close();
    } else {
      watch.look();
    }
  }

  /// Somebody on it was refused. A connection with a known node on it is not ended for that.
  void refused() {
    if (stranger && ++refusals >= MAX_REFUSALS) {
      connection.close();
    }
  }

  /// Stops a call at once: by a reset, or, where those are used up for a while, by an early end, on
  /// which the agent stops just the same.
  void stop(GrpcServerResponse<Buffer, Buffer> response) {
    long now = time.nanos();
    if (now - resetsSinceNanos > RESET_WINDOW.toNanos()) {
      resetsSinceNanos = now;
      resets = 0;
    }
    if (++resets <= MAX_RESETS) {
      response.cancel();
    } else {
      response.status(GrpcStatus.CANCELLED).end();
    }
  }

  /// Whether one more enrolment or renewal may be asked on it.
  boolean mayEnrol() {
    return ++enrolCalls <= LinkLimits.MAX_ENROL_CALLS_PER_CONNECTION;
  }

  /// The connection is gone.
  void closed() {
    watch.stop();
  }
}
