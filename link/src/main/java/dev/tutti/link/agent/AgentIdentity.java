package dev.tutti.link.agent;

import dev.tutti.core.NodeId;

/// Who an agent is to its hub.
///
/// @param credential the secret from enrolment
/// @param machineKey the same at each start of the same machine; empty when there is none
/// @param incarnation larger at each start of the agent
/// @param version the agent's version
public record AgentIdentity(
    NodeId node, String credential, String machineKey, long incarnation, String version) {
  @Override
  public String toString() {
    return "AgentIdentity[node=" + node + ", incarnation=" + incarnation + "]";
  }
}
