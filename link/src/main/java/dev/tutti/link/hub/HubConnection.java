package dev.tutti.link.hub;

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
  private final Time time;
  private final Runnable known;
  private final PingWatch watch;
  private final Time.Timer greeting;
  private boolean stranger = true;
  private int refusals;
  private int enrolCalls;
  private long resetsSinceNanos;
  private int resets;
  private @Nullable Runnable answered;

  /// `known` runs once, when somebody on it has proved who they are.
  HubConnection(HttpConnection connection, Time time, Runnable known) {
    this.connection = connection;
    this.time = time;
    this.known = known;
    this.watch =
        new PingWatch(connection, time, LinkLimits.SILENCE, connection::close, this::alive);
    connection.pingHandler(_ -> {
      heard();
      alive();
    });
    this.greeting = time.after(LinkLimits.GREETING, connection::close);
    this.resetsSinceNanos = time.nanos();
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

  /// Where it comes from, without the port.
  String address() {
    return connection.remoteAddress() == null ? "" : connection.remoteAddress().hostAddress();
  }

  boolean isStranger() {
    return stranger;
  }

  /// Somebody on it is known.
  void greeted() {
    if (stranger) {
      stranger = false;
      greeting.cancel();
      known.run();
    }
  }

  /// Runs `heard` at each ping and each answer to one from now on; the first one who says so is
  /// told.
  void onAnswer(Runnable heard) {
    if (answered == null) {
      answered = heard;
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

  /// Whether one more enrolment call may be asked on it.
  boolean mayEnrol() {
    return ++enrolCalls <= LinkLimits.MAX_ENROL_CALLS_PER_CONNECTION;
  }

  /// The connection is gone.
  void closed() {
    watch.stop();
    greeting.cancel();
  }
}
