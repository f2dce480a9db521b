package dev.tutti.link.agent;

import dev.tutti.core.NodeId;

/// What an agent says of itself. Who it is, its {@link Badge} says.
///
/// @param machineKey the same at each start of the same machine; empty when there is none
/// @param incarnation larger at each start of the agent
/// @param version the agent's version
public record AgentIdentity(NodeId node, String machineKey, long incarnation, String version) {}
