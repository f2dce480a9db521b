package dev.tutti.store;

import dev.tutti.core.SimulatedTime;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;

/// A process that saves nodes and usage until it is killed, and says which nodes were acknowledged.
public final class KilledWriter {
  /// Changes under way at a time, so that some are always between insert and commit.
  private static final int UNDER_WAY = 16;

  private KilledWriter() {}

  /// `args[0]` is the database.
  public static void main(String[] args) throws InterruptedException {
    var out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    var room = new Semaphore(UNDER_WAY);
    try (var store = SqliteStore.open(Path.of(args[0]), new SimulatedTime())) {
      for (int i = 0; ; i++) {
        room.acquire();
        int number = i;
        store.recordUsage(Samples.done("t-" + number));
        var _ =
            store
                .saveNode(Samples.node("n" + number))
                .whenComplete((node, failure) -> {
                  out.println(failure == null ? node.id().value() : "failed " + failure);
                  room.release();
                });
      }
    }
  }
}
