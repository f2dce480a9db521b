package dev.tutti.store;

import static dev.tutti.store.Samples.SOON;
import static dev.tutti.store.Samples.await;
import static dev.tutti.store.Samples.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.core.Bytes;
import dev.tutti.core.MeshException;
import dev.tutti.core.SimulatedTime;
import dev.tutti.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is full, or a lock that somebody holds, while the hub runs.
class StoreTroubleTest {
  /// More than any of these tests can write.
  private static final int MOST_ROWS = 200_000;

  @TempDir Path directory = Path.of("");
  private final ConcurrentLinkedQueue<StoreHealth> told = new ConcurrentLinkedQueue<>();

  private SqliteStore open(Path file, StoreLimits limits) {
    return SqliteStore.open(file, new SimulatedTime(), limits, told::add);
  }

  @Test
  void a_database_that_may_not_grow_refuses_changes_says_so_and_recovers() throws Exception {
    Path file = directory.resolve("tutti.db");
    try (var store = open(file, Samples.limits(1_000, 100, 1_000_000, new Bytes(256 << 10)))) {
      List<SavedNode> acknowledged = fillUp(store);
      assertThat(store.health().trouble())
          .startsWith("database: " + file + " cannot grow (expected: free space");
      assertThat(told).hasSize(1);
      assertThat(told.element().isWell()).isFalse();

      assertThat(await(store.nodes())).containsExactlyInAnyOrderElementsOf(acknowledged);
      for (SavedNode node : acknowledged) {
        await(store.removeNode(node.id()));
      }
      await(store.saveNode(Samples.node("bob")));
      assertThat(store.health().isWell()).isTrue();
      assertThat(told).hasSize(2);
    }
  }

  @Test
  void on_a_full_disk_what_was_acknowledged_is_there_and_nothing_else() throws Exception {
    Path mount = Files.createDirectory(directory.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount.toString()),
        "a small disk can be mounted here");
    try {
      Path file = mount.resolve("tutti.db");
      List<SavedNode> acknowledged;
      try (var store = open(file, StoreLimits.DEFAULT)) {
        acknowledged = fillUp(store);
        assertThat(store.health().trouble()).startsWith("database: " + file);
        assertThat(await(store.nodes())).containsExactlyInAnyOrderElementsOf(acknowledged);
        store.recordUsage(Samples.done("t-lost"));
        store.recordUsage(Samples.done("t-lost-too"));
      }
      Path copy = directory.resolve("copy.db");
      Files.copy(file, copy);
      if (Files.exists(mount.resolve("tutti.db-wal"))) {
        Files.copy(mount.resolve("tutti.db-wal"), directory.resolve("copy.db-wal"));
      }
      try (var store = open(copy, StoreLimits.DEFAULT)) {
        assertThat(await(store.nodes())).containsExactlyInAnyOrderElementsOf(acknowledged);
      }
    } finally {
      assertThat(run("umount", mount.toString())).isTrue();
    }
  }

  /// Saves nodes with long labels until one is refused; gives back those acknowledged.
  private static List<SavedNode> fillUp(SqliteStore store) {
    var acknowledged = new ArrayList<SavedNode>();
    for (int i = 0; i < MOST_ROWS; i++) {
      SavedNode node = Samples.labelled("n" + i, "x".repeat(2_000));
      CompletableFuture<SavedNode> saved = store.saveNode(node);
      if (!saved.handle((_, refusal) -> refusal == null).join()) {
        assertThat(failure(saved)).isInstanceOf(MeshException.class);
        assertThat(acknowledged).isNotEmpty();
        return acknowledged;
      }
      acknowledged.add(node);
    }
    throw new AssertionError("the disk never filled up");
  }

  private static boolean run(String... command) throws Exception {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (java.io.IOException noSuchCommand) {
      return false;
    }
  }

  @Test
  void while_the_disk_is_held_up_callers_do_not_wait_and_what_does_not_fit_is_refused()
      throws Exception {
    Path file = directory.resolve("tutti.db");
    StoreLimits limits = Samples.limits(100, 10, 1_000_000, Bytes.ofGibi(1));
    try (var store = open(file, limits)) {
      await(store.saveNode(Samples.node("bob")));
      var changes = new ArrayList<CompletableFuture<SavedNode>>();
      int rows = 5_000;
      try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
        Sql.execute(other, "BEGIN IMMEDIATE");
        for (int i = 0; i < rows; i++) {
          store.recordUsage(Samples.done("t-" + i));
        }
        for (int i = 0; i < 2_000; i++) {
          changes.add(store.saveNode(Samples.node("n" + i)));
        }
        assertThat(store.health().usageWritten()).isZero();
        assertThat(await(store.nodes())).as("readers are not held up").hasSize(1);
        Sql.execute(other, "ROLLBACK");
      }
      int saved = 0;
      for (CompletableFuture<SavedNode> change : changes) {
        saved += change.handle((node, why) -> why == null ? 1 : 0).join();
      }
      assertThat(saved).isBetween(10, 10 + 256);
      assertThat(failure(changes.getLast())).hasMessageContaining("takes no more changes");
      assertThat(await(store.nodes())).hasSize(1 + saved);
      Eventually.until(
          "every row written or dropped",
          SOON,
          () -> store.health().usageWritten() + store.health().usageDropped() == rows);
      assertThat(store.health().usageWritten()).isBetween(100L, 100L + 512L);
      assertThat(store.health().isWell()).isTrue();
    }
  }

  @Test
  void a_listener_that_fails_does_not_stop_the_store() {
    var limits = Samples.limits(1_000, 100, 1_000_000, new Bytes(256 << 10));
    StoreListener broken =
        _ -> {
          throw new IllegalStateException("broken");
        };
    try (var store =
        SqliteStore.open(directory.resolve("tutti.db"), new SimulatedTime(), limits, broken)) {
      List<SavedNode> acknowledged = fillUp(store);
      await(store.removeNode(acknowledged.getFirst().id()));
      assertThat(store.health().isWell()).isTrue();
    }
  }
}
