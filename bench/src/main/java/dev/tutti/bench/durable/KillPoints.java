package dev.tutti.bench.durable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Simulated deaths. A life of the hub's own code — the list, the runner, the store on a real
/// SQLite file — ends right before or after a statement of the writer: the files are copied there
/// as a dead process would leave them, and the next life begins with the copy. After some deaths a
/// last life runs to its end, and everything that any client was ever told is checked.
public final class KillPoints {
  /// Deaths of one world before its last life.
  private static final int DEATHS_OF_A_WORLD = 20;

  /// The most statements of a life; a life may die in its recovery already.
  private static final int LONGEST_LIFE_STEPS = 240;

  private KillPoints() {}

  /// Dies so often.
  public static Tally run(int kills, long seed) throws IOException, InterruptedException {
    var tally = new Tally();
    for (String what : World.FAULTS) {
      tally.add(what, 0);
    }
    var random = new SplittableRandom(seed);
    Life.dyingIsSilent();
    for (int done = 0; done < kills; done += DEATHS_OF_A_WORLD) {
      world(Math.min(DEATHS_OF_A_WORLD, kills - done), random.split(), tally);
    }
    return tally;
  }

  private static void world(int deaths, SplittableRandom random, Tally tally)
      throws IOException, InterruptedException {
    Path root = Files.createTempDirectory(shared(), "kill-points");
    try {
      var world = new World(tally, random);
      Path home = Files.createDirectory(root.resolve("0"));
      for (int i = 1; i <= deaths; i++) {
        Path next = root.resolve(Integer.toString(i));
        int steps = 1 + random.nextInt(LONGEST_LIFE_STEPS);
        new Life(world, home, next, steps, random.split()).live();
        forget(home);
        home = next;
      }
      new Life(world, home, root.resolve("none"), Integer.MAX_VALUE, random.split()).liveToTheEnd();
      tally.add("worlds", 1);
    } finally {
      forget(root);
    }
  }

  /// Memory where there is some to write to: here nobody pulls the plug, and the disk is slow.
  private static Path shared() {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir", "."));
  }

  private static void forget(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
