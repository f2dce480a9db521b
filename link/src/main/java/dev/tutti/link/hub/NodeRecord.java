package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;
import java.util.UUID;

/// What a hub keeps of a node that was let in. Holds no secret.
///
/// @param uuid who its certificates are for; another one at each joining, so that what was made for
///   an earlier joining ends with it
/// @param machineKey as the node said when it joined, empty when it did not
/// @param host host name at that time, for people
/// @param certifiedAt when its newest certificate was made
/// @param removed kept, so that a removed node is told so and does not ask for ever
public record NodeRecord(
    NodeId node,
    NodeRole role,
    UUID uuid,
    String machineKey,
    String host,
    Instant joinedAt,
    Instant certifiedAt,
    boolean removed) {

  NodeRecord certified(Instant at) {
    return new NodeRecord(node, role, uuid, machineKey, host, joinedAt, at, removed);
  }

  NodeRecord sentAway() {
    return new NodeRecord(node, role, uuid, machineKey, host, joinedAt, certifiedAt, true);
  }
}
