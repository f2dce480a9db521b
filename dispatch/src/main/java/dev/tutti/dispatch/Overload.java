package dev.tutti.dispatch;

import java.time.Duration;

/// Whether more comes than can be done: the queue stands, and people are turned away. Pure; times
/// are nanoseconds of {@link dev.tutti.core.Time}.
///
/// The queue stands when for a whole {@link #WINDOW} there was always somebody who had waited
/// longer than {@link #TARGET} (the idea of CoDel: the least wait within a window, since bursts
/// come and go). That alone is no overload here: answers take seconds, and tasks wait for a better
/// engine by choice. So within the same window somebody must have been turned away, for want of
/// time or of room.
///
/// It is over when nobody waits who has waited longer than half the target, and nobody was turned
/// away for as long as the target: as long as there is anything left of what had piled up, whoever
/// comes now would have to wait behind it otherwise, and as long as people are turned away it would
/// only pile up again.
final class Overload {
  /// A wait that is worth speaking of.
  static final Duration TARGET = Duration.ofSeconds(1);

  /// For so long there must always have been such a wait.
  static final Duration WINDOW = Duration.ofSeconds(5);

  private long calmUntil;
  private long turnedAway;
  private boolean anyTurnedAway;
  private boolean on;

  Overload(long now) {
    calmUntil = now;
  }

  boolean isOn() {
    return on;
  }

  /// Somebody was refused, or gave up, who had been willing to wait.
  void turnedAway(long now) {
    turnedAway = now;
    anyTurnedAway = true;
  }

  /// Somebody has come to wait, or waits no more.
  void emptied(long now) {
    moved(now, now);
  }

  /// The same while others wait still.
  ///
  /// @param oldest since when the one waits who has waited for longest
  void moved(long oldest, long now) {
    long age = now - oldest;
    if (age <= TARGET.toNanos()) {
      calmUntil = oldest + TARGET.toNanos();
    }
    if (on) {
      on = age > TARGET.toNanos() / 2 || now - turnedAway < TARGET.toNanos();
    } else {
      on =
          now - calmUntil >= WINDOW.toNanos()
              && anyTurnedAway
              && now - turnedAway <= WINDOW.toNanos();
    }
  }
}
