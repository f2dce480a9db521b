package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import java.time.Instant;
import java.util.UUID;

/// Somebody whose certificates are good for nothing any more, whatever they say.
public record Denied(UUID uuid, NodeId node, Instant at) {}
