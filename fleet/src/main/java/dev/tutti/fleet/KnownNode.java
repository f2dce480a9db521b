package dev.tutti.fleet;

import dev.tutti.core.NodeId;
import java.time.Instant;
import java.util.List;

/// What the registry keeps of one machine. Owner loop only.
final class KnownNode {
  final NodeId id;
  String host;
  NodeRole role;
  boolean hasAgent;

  /// Whether its agent is connected.
  boolean agentConnected;

  boolean drained;
  boolean pending;
  Hardware hardware = Hardware.UNKNOWN;
  String label = "";
  Instant seenAt;

  /// The last sign of life in {@link dev.tutti.core.Time#nanos()}.
  long seenNanos;

  /// Whether the world has been told of it.
  boolean shown;

  /// What the world was told about its being reachable.
  boolean shownConnected;

  KnownNode(NodeId id, String host, NodeRole role, Instant seenAt, long seenNanos) {
    this.id = id;
    this.host = host;
    this.role = role;
    this.seenAt = seenAt;
    this.seenNanos = seenNanos;
  }

  NodeView view(boolean connected, List<BackendView> backends) {
    return new NodeView(
        id, host, role, hasAgent, connected, drained, pending, hardware, backends, seenAt, label);
  }
}
