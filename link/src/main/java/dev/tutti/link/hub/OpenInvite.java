package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;

/// An invitation that nobody has used yet, as it is kept.
///
/// @param id the token's id
/// @param sealed what the secret is proved against, closed with the hub's own key
public record OpenInvite(
    String id, NodeId node, NodeRole role, String sealed, Instant createdAt, Instant expiresAt) {}
