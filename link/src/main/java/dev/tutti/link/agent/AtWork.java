package dev.tutti.link.agent;

import java.util.concurrent.atomic.AtomicInteger;

/// How many exchanges this agent has under way. Any thread.
final class AtWork {
  private final AtomicInteger exchanges = new AtomicInteger();

  void begun() {
    exchanges.incrementAndGet();
  }

  void ended() {
    exchanges.decrementAndGet();
  }

  /// Whether there is any: then silence is to be noticed early.
  boolean isAny() {
    return exchanges.get() > 0;
  }
}
