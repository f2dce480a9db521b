package dev.tutti.gateway;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of request bodies are in memory, all clients together. Any thread: compressed
/// bodies are decoded off the loop.
final class BodyBudget {
  private final long limitBytes;
  private final AtomicLong heldBytes = new AtomicLong();

  BodyBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /// Takes so many bytes of the budget, or none and says no.
  boolean take(long bytes) {
    long before = heldBytes.get();
    while (before + bytes <= limitBytes) {
      if (heldBytes.compareAndSet(before, before + bytes)) {
        return true;
      }
      before = heldBytes.get();
    }
    return false;
  }

  /// Gives bytes back.
  void giveBack(long bytes) {
    heldBytes.addAndGet(-bytes);
  }

  /// Bytes in memory now.
  long heldBytes() {
    return heldBytes.get();
  }
}
