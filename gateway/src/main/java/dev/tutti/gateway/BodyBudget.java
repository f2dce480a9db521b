package dev.tutti.gateway;

/// How many bytes of request bodies are in memory, all clients together. Owner loop only.
final class BodyBudget {
  private final long limitBytes;
  private long heldBytes;

  BodyBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /// Takes so many bytes of the budget, or none and says no.
  boolean take(long bytes) {
    if (heldBytes + bytes > limitBytes) {
      return false;
    }
    heldBytes += bytes;
    return true;
  }

  /// Gives bytes back.
  void giveBack(long bytes) {
    heldBytes -= bytes;
  }

  /// Bytes in memory now.
  long heldBytes() {
    return heldBytes;
  }
}
