package dev.tutti.fleet;

import dev.tutti.core.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the registry keeps of one machine. Owner loop only.
final class KnownNode {
  final NodeId id;
  String host;
  NodeRole role;
  boolean hasAgent;

  /// Whether its agent's connection is open; how far it is trusted says {@link #trust}.
  boolean agentConnected;

  boolean drained;
  boolean pending;
  Hardware hardware = Hardware.UNKNOWN;
  String label = "";
  Instant seenAt;
  Optional<Duration> clockAhead = Optional.empty();

  /// Whether its agent is alive, as far as its heartbeats and its connection tell.
  Liveness trust = Liveness.UNKNOWN;

  /// When its agent was heard of.
  final Heartbeats beats;

  /// Whether the world has been told of it.
  boolean shown;

  /// What the world was told about its being reachable.
  boolean shownConnected;

  KnownNode(NodeId id, String host, NodeRole role, Instant seenAt, long now) {
    this.id = id;
    this.host = host;
    this.role = role;
    this.seenAt = seenAt;
    this.beats = new Heartbeats(now);
  }

  NodeView view(boolean connected, List<BackendView> backends) {
    return new NodeView(
        id,
        host,
        role,
        hasAgent,
        connected,
        drained,
        pending,
        hardware,
        backends,
        seenAt,
        label,
        clockAhead);
  }
}
