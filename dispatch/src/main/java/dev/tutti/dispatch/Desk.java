package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One backend's engine with its free slots and running attempts. Owner loop only.
final class Desk<W, E> {
  final BackendId id;
  @Nullable Engine<W, E> engine;
  final Set<Run<W, E>> runs = new LinkedHashSet<>();
  long lastPicked;

  /// What its engine's answers tell of its health.
  final Gauge.Marks marks = new Gauge.Marks();

  /// Whether it rests after it refused work.
  boolean resting;

  /// Whether it takes no more work and goes when its last attempt has ended.
  boolean retiring;

  /// Whether it is gone: its engine's words about slots mean nothing any more.
  boolean closed;

  private int free;

  Desk(BackendId id) {
    this.id = id;
  }

  int free() {
    return free;
  }

  /// Whether an attempt could be started here now.
  boolean isOpen() {
    return free > 0 && engine != null && !resting && !retiring && !closed;
  }

  void slotOpened() {
    free++;
  }

  void slotClosed() {
    take("closes");
  }

  void spend() {
    take("is spent");
  }

  private void take(String what) {
    if (free <= 0) {
      throw new IllegalStateException(
          "free slots of " + id + ": " + free + " (expected: >= 1 when one " + what + ")");
    }
    free--;
  }
}
