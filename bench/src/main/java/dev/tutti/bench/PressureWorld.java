package dev.tutti.bench;

import dev.tutti.core.Time;
import dev.tutti.store.SavedKey;
import dev.tutti.store.SqliteStore;
import dev.tutti.testkit.PacedProcess;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

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
  /// @param keys what askers show; each is somebody of its own
  static PressureWorld start(List<String> keys) throws IOException {
    var place = TuttiProcess.Place.fresh();
    try (var store = SqliteStore.open(place.home().resolve("tutti.db"), new WallClock())) {
      for (String key : keys) {
        store.saveKey(SavedKey.fresh(key, key, sha256(key), Instant.now())).join();
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

  private static String sha256(String key) {
    try {
      byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
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
