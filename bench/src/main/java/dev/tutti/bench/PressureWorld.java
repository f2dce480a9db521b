package dev.tutti.bench;

import dev.tutti.access.Key;
import dev.tutti.access.KeyToken;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Sha256;
import dev.tutti.core.Time;
import dev.tutti.store.SqliteStore;
import dev.tutti.testkit.PacedProcess;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A hub as a process with paced engines of unlike speed, and keys for some askers.
final class PressureWorld implements AutoCloseable {
  static final String MODEL = "sim/pressure";

  private static final List<Replay.Machine> MACHINES =
      List.of(
          new Replay.Machine("a", 4_000, 60, 2),
          new Replay.Machine("b", 2_000, 45, 2),
          new Replay.Machine("c", 1_500, 30, 2),
          new Replay.Machine("d", 1_000, 20, 1));

  private final List<PacedProcess> engines = new ArrayList<>();
  private final TuttiProcess hub;

  private PressureWorld(TuttiProcess.Place place) throws IOException {
    var words = new ArrayList<>(List.of("--no-discover"));
    for (Replay.Machine machine : MACHINES) {
      var engine = Replay.start(machine, MODEL);
      engines.add(engine);
      words.add("--backend");
      words.add(engine.url() + ",slots=" + machine.slots() + ",name=" + machine.name());
    }
    hub = TuttiProcess.hub(place, words.toArray(String[]::new));
  }

  /// Starts everything.
  ///
  /// @param keys what askers are called; each is somebody of its own
  static PressureWorld start(List<String> keys) throws IOException {
    var place = TuttiProcess.Place.fresh();
    try (var store = SqliteStore.open(place.home().resolve("tutti.db"), new WallClock())) {
      for (String key : keys) {
        store.saveKey(key(key)).join();
      }
    }
    return new PressureWorld(place);
  }

  String url() {
    return hub.url();
  }

  static int slots() {
    return MACHINES.stream().mapToInt(Replay.Machine::slots).sum();
  }

  /// The hub's memory now, in KiB.
  long residentKibi() {
    return hub.residentKibi();
  }

  /// Whether it ran out of memory at any time.
  boolean ranOut() {
    return hub.log().contains("OutOfMemoryError");
  }

  @Override
  public void close() {
    hub.close();
    engines.forEach(PacedProcess::close);
  }

  /// What the asker of that name shows.
  static String secret(String name) {
    return KeyToken.PREFIX + name + "_of-this-run";
  }

  private static Key key(String name) {
    return new Key(
        name,
        name,
        Sha256.hex(secret(name)),
        Rights.of(Set.of(Scope.INFER)),
        Optional.empty(),
        Instant.now(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// Real time without timers.
  private static final class WallClock implements Time {
    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }

    @Override
    public Timer after(Duration delay, Runnable action) {
      throw new UnsupportedOperationException("no timers here");
    }
  }
}
