package dev.tutti.fleet;

/// What a node is doing, in the words of the capability schema and some more.
public enum NodeStatus {
  /// Asked to join and waits for a human's yes.
  PENDING("pending"),
  /// Reachable, no attempt running.
  IDLE("idle"),
  /// Reachable, at least one attempt running.
  BUSY("busy"),
  /// Taken out of service by its owner; running attempts finish.
  DRAINED("drained"),
  /// No sign of life, or every backend is down.
  OFFLINE("offline");

  private final String wireName;

  NodeStatus(String wireName) {
    this.wireName = wireName;
  }

  /// What a node is doing, given how many attempts run on it.
  public static NodeStatus of(NodeView node, int active) {
    if (node.pending()) {
      return PENDING;
    }
    boolean allDown =
        !node.backends().isEmpty()
            && node.backends().stream().allMatch(backend -> backend.health() == Health.DOWN);
    if (!node.connected() || allDown) {
      return OFFLINE;
    }
    if (node.drained()) {
      return DRAINED;
    }
    return active > 0 ? BUSY : IDLE;
  }

  /// The name in APIs.
  public String wireName() {
    return wireName;
  }
}
