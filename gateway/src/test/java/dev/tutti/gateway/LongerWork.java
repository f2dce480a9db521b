package dev.tutti.gateway;

import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.store.SqliteStore;
import dev.tutti.worklist.FileShelf;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.WorkList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// A real list of longer work over a real store. It begins when a test says so.
record LongerWork(Path home, SqliteStore store, WorkList list) implements AutoCloseable {
  /// A database of today, which is copied: making one takes far longer.
  private static final Path FRESH = fresh();

  private static Path fresh() {
    try {
      Path home = Files.createTempDirectory("longer-work-fresh");
      Path file = home.resolve("tutti.db");
      SqliteStore.open(file, new dev.tutti.core.SimulatedTime()).close();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LongerWork open(
      Dispatcher<Work, Delta> dispatcher, Admission admission, Time time, Executor loop) {
    try {
      Path home = Files.createTempDirectory("longer-work");
      Path file = home.resolve("tutti.db");
      Files.copy(FRESH, file);
      SqliteStore store = SqliteStore.open(file, time);
      Executor offLoop = Executors.newVirtualThreadPerTaskExecutor();
      var limits = new WorkLimits(16, 2, 3, Duration.ofMillis(20));
      var list =
          new WorkList(
              store.work(),
              new FileShelf(home.resolve("files")),
              new WorkItems(dispatcher, admission, time, loop, offLoop),
              time,
              loop,
              offLoop,
              new SplittableRandom(11),
              limits);
      return new LongerWork(home, store, list);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    store.close();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
