package dev.tutti.store;

import dev.tutti.core.NodeId;
import java.time.Instant;

/// Somebody whose certificates are good for nothing any more.
///
/// @param uuid as the certificates say
/// @param node what it was called
public record SavedRevocation(String uuid, NodeId node, Instant revokedAt) {}
