package dev.tutti.dispatch;

import dev.tutti.core.Bytes;
import java.util.Locale;

/// Priorities that share a part of the queue: each band has room of its own, so that a flood of one
/// takes no room from the others.
public enum Band {
  /// Priorities 7 to 9.
  URGENT(7, 64L << 20),
  /// Priorities 4 to 6: who says nothing is here.
  INTERACTIVE(4, 128L << 20),
  /// Priorities 0 to 3: longer work, and whatever may be turned away when there is too much.
  BACKGROUND(0, 64L << 20);

  private final int least;
  private final long maxBytes;

  Band(int least, long maxBytes) {
    this.least = least;
    this.maxBytes = maxBytes;
  }

  /// The band of a priority.
  public static Band of(int priority) {
    for (Band band : values()) {
      if (priority >= band.least) {
        return band;
      }
    }
    throw new IllegalArgumentException("priority: " + priority + " (expected: 0 to 9)");
  }

  /// All that its waiting tasks may hold in memory.
  public Bytes maxBytes() {
    return new Bytes(maxBytes);
  }

  /// Whether its tasks are turned away first when the queue stands.
  public boolean isSheddable() {
    return this == BACKGROUND;
  }

  /// The name in documents.
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
