package dev.tutti.link.agent;

import dev.tutti.link.LinkLimits;

/// How much memory request bodies take over all slots. Owner loop.
final class BodyBudget {
  private long used;

  /// Takes `bytes`, unless that would go beyond {@link LinkLimits#MAX_BODY_BYTES_IN_MEMORY}.
  boolean take(int bytes) {
    if (used + bytes > LinkLimits.MAX_BODY_BYTES_IN_MEMORY) {
      return false;
    }
    used += bytes;
    return true;
  }

  /// Whether a body of this size could be taken now.
  boolean fits(long bytes) {
    return bytes >= 0 && bytes <= LinkLimits.MAX_BODY_BYTES_IN_MEMORY - used;
  }

  void give(int bytes) {
    used -= bytes;
  }
}
