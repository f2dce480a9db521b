package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;

/// An invitation that nobody has used.
///
/// @param id the token's id
/// @param node under which name somebody may join
/// @param sealed what the token's secret is proved against, closed
public record SavedInvite(
    String id, NodeId node, NodeRole role, String sealed, Instant createdAt, Instant expiresAt) {}
