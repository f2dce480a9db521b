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
/// @param credentialHash what its agent's credential hashes to, empty for a node without an agent
/// @param machineKey what tells this machine from another of the same name, empty when unknown
/// @param approvedAt when it was let in; empty while it waits for approval
/// @param removed whether it was sent away, and is kept so that it can be told so
/// @param drained whether the owner took it out of service
/// @param label what its owner wrote on it, empty when nothing
public record SavedNode(
    NodeId id,
    NodeRole role,
    String host,
    String credentialHash,
    String machineKey,
    Optional<Instant> approvedAt,
    boolean removed,
    boolean drained,
    String label) {

  /// A machine of which only this much is known: no agent of ours has joined from it.
  public static SavedNode agentless(NodeId id, NodeRole role, String host) {
    return new SavedNode(id, role, host, "", "", Optional.empty(), false, false, "");
  }
}
