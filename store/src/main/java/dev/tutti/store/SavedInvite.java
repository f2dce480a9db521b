package dev.tutti.store;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import java.time.Instant;

/// A promise to let one machine in: good once, until it expires.
///
/// @param tokenHash what the token hashes to; the token itself is never stored
/// @param node the name the machine will have
/// @param role what it will be for
/// @param expiresAt when the promise ends
public record SavedInvite(String tokenHash, NodeId node, NodeRole role, Instant expiresAt) {}
