package dev.tutti.fleet;

import java.util.function.Predicate;

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
  /// Reachable as far as is known, but no engine of it is trusted just now.
  SUSPECT("suspect"),
  /// Its engines answer, but so badly that they are left alone for a while.
  GRAY("gray"),
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
    if (!node.connected() || all(node, Health::isDown)) {
      return OFFLINE;
    }
    if (node.drained()) {
      return DRAINED;
    }
    if (all(node, health -> health == Health.SUSPECT || health.isDown())) {
      return SUSPECT;
    }
    if (all(node, health -> health == Health.GRAY || health.isDown())) {
      return GRAY;
    }
    return active > 0 ? BUSY : IDLE;
  }

  private static boolean all(NodeView node, Predicate<Health> are) {
    return !node.backends().isEmpty()
        && node.backends().stream().map(BackendView::health).allMatch(are);
  }

  /// The name in APIs.
  public String wireName() {
    return wireName;
  }
}
