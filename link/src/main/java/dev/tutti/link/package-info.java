/// The link between a hub and the agents on its nodes: gRPC over connections that agents dial.
///
/// It carries HTTP exchanges to allow-listed paths of an engine and knows nothing of their meaning,
/// so that agents stay thin and may be one version apart. This package holds what both ends share:
/// {@link dev.tutti.link.NodeReport}, {@link dev.tutti.link.LinkLimits} and how connections are set
/// up; the ends are {@link dev.tutti.link.hub.HubLink} and {@link dev.tutti.link.agent.AgentLink}.
/// Called by app; calls core, wire, fleet and the transport port of backends.
@NullMarked
package dev.tutti.link;

import org.jspecify.annotations.NullMarked;
