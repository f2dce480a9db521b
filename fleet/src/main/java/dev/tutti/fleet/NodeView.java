package dev.tutti.fleet;

import dev.tutti.core.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// One machine as everybody sees it at one moment.
///
/// @param id its name
/// @param host its address as the hub sees it
/// @param role what it is for
/// @param hasAgent whether our agent runs there
/// @param connected whether the agent's heartbeats arrive; for an agentless node whether any
///   backend is up
/// @param drained whether the owner took it out of service
/// @param pending whether it waits for approval
/// @param hardware what it is made of
/// @param backends its engines
/// @param seenAt the last sign of life
/// @param label what its owner wrote on it, empty when nothing
/// @param clockAhead how far its wall clock is ahead of the hub's, negative when it is behind;
///   empty when nobody told
public record NodeView(
    NodeId id,
    String host,
    NodeRole role,
    boolean hasAgent,
    boolean connected,
    boolean drained,
    boolean pending,
    Hardware hardware,
    List<BackendView> backends,
    Instant seenAt,
    String label,
    Optional<Duration> clockAhead) {
  /// Copies the list.
  public NodeView {
    backends = List.copyOf(backends);
  }

  /// A node that nobody labelled, and whose clock nobody knows.
  public NodeView(
      NodeId id,
      String host,
      NodeRole role,
      boolean hasAgent,
      boolean connected,
      boolean drained,
      boolean pending,
      Hardware hardware,
      List<BackendView> backends,
      Instant seenAt) {
    this(
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
        "",
        Optional.empty());
  }
}
