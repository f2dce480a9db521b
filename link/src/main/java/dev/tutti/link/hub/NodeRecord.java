package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;

/// What a hub keeps of a node that was let in. Holds no secret: the credential's SHA-256 only.
///
/// @param credentialHash 64 hexadecimal digits; empty once the node is removed
/// @param machineKey as the node said when it joined, empty when it did not
/// @param host host name at that time, for people
/// @param removed kept, so that a removed node is told so and does not ask for ever
public record NodeRecord(
    NodeId node,
    NodeRole role,
    String credentialHash,
    String machineKey,
    String host,
    Instant joinedAt,
    boolean removed) {}
