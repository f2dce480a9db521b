package dev.tutti.link.hub;

import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.PingWatch;
import io.vertx.core.http.HttpConnection;

/// One connection that somebody opened to the hub. Link loop.
final class HubConnection {
  /// Refusals after which a connection is closed.
  private static final int MAX_REFUSALS = 8;

  private final HttpConnection connection;
  private final Runnable known;
  private final PingWatch watch;
  private final Time.Timer greeting;
  private boolean stranger = true;
  private int refusals;
  private int enrolCalls;

  /// `known` runs once, when somebody on it has proved who they are.
  HubConnection(HttpConnection connection, Time time, Runnable known) {
    this.connection = connection;
    this.known = known;
    this.watch = new PingWatch(connection, time, LinkLimits.SILENCE, connection::close);
    this.greeting = time.after(LinkLimits.GREETING, connection::close);
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

  /// Somebody on it was refused.
  void refused() {
    if (++refusals >= MAX_REFUSALS) {
      connection.close();
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
