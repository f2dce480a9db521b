package dev.tutti.gateway;

import dev.tutti.access.Doorkeeper;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who is inside: what every key has under way, so that all of it ends soon after the key does,
/// whether it was revoked or has expired. As many entries as there are requests and watchers. Owner
/// loop only.
final class Guests {
  /// Between two looks at whether their keys are still good: what a key has under way outlives it
  /// by no more than this.
  static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Doorkeeper keys;
  private final Time time;
  private final Map<String, Set<Runnable>> byKey = new HashMap<>();
  private Time.@Nullable Timer next;
  private boolean closed;

  Guests(Doorkeeper keys, Time time) {
    this.keys = keys;
    this.time = time;
  }

  /// Somebody begins something.
  ///
  /// @param turnOut ends it
  /// @return to be run when it is over; harmless when run again
  Runnable enter(String keyId, Runnable turnOut) {
    if (keyId.isEmpty() || closed) {
      return () -> {};
    }
    // A name of its own for what may be the same action twice.
    Runnable place = () -> turnOut.run();
    byKey.computeIfAbsent(keyId, _ -> new HashSet<>()).add(place);
    if (next == null) {
      next = time.after(LOOK_EVERY, this::look);
    }
    return () -> leave(keyId, place);
  }

  private void leave(String keyId, Runnable place) {
    Set<Runnable> places = byKey.get(keyId);
    if (places != null && places.remove(place) && places.isEmpty()) {
      byKey.remove(keyId);
    }
  }

  private void look() {
    next = null;
    for (String keyId : List.copyOf(byKey.keySet())) {
      if (!keys.isGood(keyId, time.now())) {
        Set<Runnable> places = byKey.remove(keyId);
        if (places != null) {
          new ArrayList<>(places).forEach(Runnable::run);
        }
      }
    }
    if (!byKey.isEmpty() && !closed) {
      next = time.after(LOOK_EVERY, this::look);
    }
  }

  /// Looks no more.
  void close() {
    closed = true;
    if (next != null) {
      next.cancel();
    }
  }
}
