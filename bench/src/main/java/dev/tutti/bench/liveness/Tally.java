package dev.tutti.bench.liveness;

import dev.tutti.core.Time;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetEvent;
import dev.tutti.fleet.Health;

/// Counts what a registry tells of the engines on its nodes, and mixes every word of it into one
/// number, by which two runs can be compared.
final class Tally {
  private static final long PRIME = 0x100000001b3L;

  private final Time time;
  private long hash = 0xcbf29ce484222325L;
  int suspects;
  int downs;
  long firstSuspectNanos = -1;
  long firstDownNanos = -1;

  Tally(Time time) {
    this.time = time;
  }

  /// Begins to count anew; what was heard stays in the number.
  void begin() {
    suspects = 0;
    downs = 0;
    firstSuspectNanos = -1;
    firstDownNanos = -1;
  }

  void hear(FleetEvent event) {
    mix(time.nanos());
    mix(event.toString().hashCode());
    switch (event) {
      case FleetEvent.BackendChanged(BackendView backend, String _) -> count(backend.health());
      case FleetEvent.NodeJoined _,
          FleetEvent.NodeChanged _,
          FleetEvent.NodeRemoved _,
          FleetEvent.BackendFound _,
          FleetEvent.BackendGone _,
          FleetEvent.ModelAppeared _,
          FleetEvent.ModelVanished _,
          FleetEvent.ModelLoaded _,
          FleetEvent.ModelUnloaded _ -> {
        // says nothing about life and death
      }
    }
  }

  private void count(Health health) {
    if (health == Health.SUSPECT) {
      suspects++;
      firstSuspectNanos = firstSuspectNanos < 0 ? time.nanos() : firstSuspectNanos;
    } else if (health == Health.DOWN) {
      downs++;
      firstDownNanos = firstDownNanos < 0 ? time.nanos() : firstDownNanos;
    }
  }

  void mix(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 32;
  }

  long hash() {
    return hash;
  }
}
