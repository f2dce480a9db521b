package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;

/// A machine that outlives a restart of the hub.
///
/// @param id its name
/// @param role what it is for
/// @param host the address last seen
/// @param credentialHash what its agent's credential hashes to, empty for a node without an agent
/// @param machineKey what tells its machine from another one of that name; empty when unknown
/// @param joinedAt when it was let in
/// @param drained whether the owner took it out of service
/// @param label what its owner wrote on it, empty when nothing
/// @param removed whether its owner removed it: kept, so that its agent is told so
public record SavedNode(
    NodeId id,
    NodeRole role,
    String host,
    String credentialHash,
    String machineKey,
    Instant joinedAt,
    boolean drained,
    String label,
    boolean removed) {}
