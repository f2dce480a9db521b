package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;
import java.util.Optional;

/// A machine that outlives a restart of the hub.
///
/// @param id its name
/// @param role what it is for
/// @param host the address last seen
/// @param credentialHash what its agent's credential hashes to, empty for a node without an agent
/// @param approvedAt when it was let in; empty while it waits for approval
/// @param drained whether the owner took it out of service
/// @param label what its owner wrote on it, empty when nothing
public record SavedNode(
    NodeId id,
    NodeRole role,
    String host,
    String credentialHash,
    Optional<Instant> approvedAt,
    boolean drained,
    String label) {}
