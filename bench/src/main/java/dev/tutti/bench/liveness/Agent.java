package dev.tutti.bench.liveness;

import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.NodeReport;
import dev.tutti.fleet.NodeRole;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/// An agent as the registry hears it: heartbeats on one connection, and the answers to the hub's
/// pings on another, which count when the heartbeats are late.
final class Agent {
  /// Heartbeats later than this make the other connection's answers count, as the link does it.
  private static final double LATE = 1.5;

  private static final double BEAT = 1;

  private final Time time;
  private final Fleet fleet;
  private final NodeId node;
  private final RandomGenerator random;
  private final double jitter;
  private double pulseFreeAt;
  private double tunnelFreeAt;
  private double heardAt;
  private boolean dead;

  Agent(Time time, Fleet fleet, String name, RandomGenerator random, double jitter) {
    this.time = time;
    this.fleet = fleet;
    this.node = new NodeId(name);
    this.random = random;
    this.jitter = jitter;
  }

  static Duration seconds(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private double now() {
    return time.nanos() / 1e9;
  }

  void join() {
    fleet.nodeJoined(node, "10.0.0.1", NodeRole.LLM_WORKER, Hardware.UNKNOWN);
    fleet.nodeReported(
        node,
        new NodeReport(
            Hardware.UNKNOWN,
            List.of(
                new NodeReport.Backend(
                    "ollama",
                    "http://127.0.0.1:11434",
                    Set.of(),
                    BackendFacts.NONE,
                    Health.UP,
                    ""))));
    heardAt = now();
  }

  /// Begins to send.
  void start() {
    pulseFreeAt = now();
    tunnelFreeAt = now();
    time.after(seconds(BEAT), this::beat);
    time.after(seconds(BEAT / 2), this::pong);
  }

  /// Its heartbeats' connection stalls from now on for so long.
  void stallPulse(double length) {
    pulseFreeAt = Math.max(pulseFreeAt, now() + length);
  }

  /// The other connection stalls.
  void stallTunnel(double length) {
    tunnelFreeAt = Math.max(tunnelFreeAt, now() + length);
  }

  /// The machine is switched off: nothing comes any more, and nothing says so.
  void vanish() {
    dead = true;
  }

  /// The process is killed: its connections close.
  void crash() {
    dead = true;
    fleet.nodeLost(node, "connection lost");
  }

  /// Its connection was closed, and it makes a new one soon.
  void reconnect(double wait) {
    fleet.nodeLost(node, "connection lost");
    time.after(seconds(wait), this::join);
  }

  private void beat() {
    if (dead) {
      return;
    }
    time.after(seconds(BEAT), this::beat);
    double arrival = Math.max(now() + Math.abs(random.nextGaussian()) * jitter, pulseFreeAt);
    time.after(
        seconds(arrival - now()),
        () -> {
          if (!dead) {
            heardAt = now();
            fleet.heartbeat(node);
          }
        });
  }

  private void pong() {
    if (dead) {
      return;
    }
    time.after(seconds(BEAT), this::pong);
    double arrival = Math.max(now() + Math.abs(random.nextGaussian()) * jitter, tunnelFreeAt);
    time.after(
        seconds(arrival - now()),
        () -> {
          if (!dead && now() - heardAt >= LATE) {
            heardAt = now();
            fleet.heartbeat(node);
          }
        });
  }
}
