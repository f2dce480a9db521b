package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;
import java.util.Optional;

/// A machine that outlives a restart of the hub.
///
/// @param id its name
/// @param role what it is for
/// @param host the address or host name last seen
/// @param uuid who its agent's certificates are for, empty for a node without an agent
/// @param machineKey what tells this machine from another of the same name, empty when unknown
/// @param approvedAt when it was let in; empty while it waits for approval
/// @param certifiedAt when its agent's newest certificate was made
/// @param removed whether it was sent away, and is kept so that it can be told so
/// @param drained whether the owner took it out of service
/// @param label what its owner wrote on it, empty when nothing
public record SavedNode(
    NodeId id,
    NodeRole role,
    String host,
    String uuid,
    String machineKey,
    Optional<Instant> approvedAt,
    Optional<Instant> certifiedAt,
    boolean removed,
    boolean drained,
    String label) {

  /// A machine of which only this much is known: no agent of ours has joined from it.
  public static SavedNode agentless(NodeId id, NodeRole role, String host) {
    return new SavedNode(
        id, role, host, "", "", Optional.empty(), Optional.empty(), false, false, "");
  }
}
