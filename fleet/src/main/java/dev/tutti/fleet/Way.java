package dev.tutti.fleet;

/// How the hub reaches a backend.
public enum Way {
  /// The hub speaks HTTP to it.
  DIRECT,
  /// Through the tunnel of the agent on its node.
  AGENT
}
