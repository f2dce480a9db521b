package dev.tutti.store;

import static dev.tutti.store.Samples.NOON;
import static dev.tutti.store.Samples.SOON;
import static dev.tutti.store.Samples.await;
import static dev.tutti.store.Samples.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.access.Key;
import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import dev.tutti.fleet.NodeRole;
import dev.tutti.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store on a disk that works.
class SqliteStoreTest {
  @TempDir Path directory = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void name_the_file() {
    file = directory.resolve("new/home/tutti.db");
  }

  private SqliteStore open() {
    return SqliteStore.open(file, new SimulatedTime());
  }

  @Test
  void a_restart_keeps_every_row() {
    SavedNode pending = SavedNode.agentless(new NodeId("pi"), NodeRole.FULL_WORKER, "10.0.0.9");
    var fixed =
        new SavedBackend(
            new BackendId("bob/vllm"),
            new NodeId("bob"),
            "http://10.0.0.7:8000",
            OptionalInt.of(7),
            SavedBackend.AddedBy.DISCOVERY,
            true,
            Optional.of(Samples.facts("qwen3", "llava")),
            Optional.of(NOON));
    var revoked = Samples.key("k2").used(NOON).revoked(NOON.plusSeconds(3));
    try (var store = open()) {
      await(store.saveNode(Samples.node("bob")));
      await(store.saveNode(pending));
      await(store.saveBackend(fixed));
      await(store.saveBackend(Samples.backend("bob/ollama")));
      await(store.saveKey(Samples.key("k1")));
      await(store.saveKey(revoked));
      await(store.putMeta("hub", "h-1"));
      store.recordUsage(Samples.done("t-1"));
      store.recordUsage(Samples.refused("t-2", "auto", NOON));
      store.noteFacts(fixed.id(), Samples.facts("qwen3", "llava"), NOON);
    }
    try (var store = open()) {
      assertThat(await(store.nodes())).containsExactly(Samples.node("bob"), pending);
      assertThat(await(store.backends())).containsExactly(fixed, Samples.backend("bob/ollama"));
      assertThat(await(store.keys())).containsExactly(Samples.key("k1"), revoked);
      assertThat(await(store.meta("hub"))).contains("h-1");
      assertThat(await(store.meta("nothing"))).isEmpty();
      assertThat(await(store.recentUsage(10)))
          .containsExactly(Samples.refused("t-2", "auto", NOON), Samples.done("t-1"));
      assertThat(await(store.modelsSeen()))
          .containsExactly(new ModelName("llava"), new ModelName("qwen3"));
    }
  }

  @Test
  void a_used_invitation_goes_with_the_node_that_used_it() {
    var invite =
        new SavedInvite(
            "i1", new NodeId("bob"), NodeRole.HQ, "sealed", NOON, NOON.plusSeconds(900));
    var other = new SavedInvite("i2", new NodeId("eve"), NodeRole.HQ, "sealed", NOON, NOON);
    try (var store = open()) {
      await(store.saveInvite(invite));
      await(store.saveInvite(other));
      assertThat(await(store.invites())).containsExactlyInAnyOrder(invite, other);
      await(store.joined(Samples.node("bob"), Optional.of("i1")));
      assertThat(await(store.invites())).containsExactly(other);
      assertThat(await(store.nodes())).containsExactly(Samples.node("bob"));
      assertThat(await(store.removeInvite("i2"))).isTrue();
      assertThat(await(store.removeInvite("i2"))).isFalse();
    }
  }

  @Test
  void revocations_outlive_the_store() {
    var revoked = new SavedRevocation("uuid-1", new NodeId("bob"), NOON);
    try (var store = open()) {
      await(store.revoke(revoked));
    }
    try (var store = open()) {
      assertThat(await(store.revocations())).containsExactly(revoked);
      assertThat(await(store.forgetRevocation("uuid-1"))).isTrue();
      assertThat(await(store.revocations())).isEmpty();
    }
  }

  @Test
  void a_saved_row_replaces_the_older_one_and_a_removed_one_is_gone() {
    try (var store = open()) {
      await(store.saveNode(Samples.node("bob")));
      var drained =
          new SavedNode(
              new NodeId("bob"),
              NodeRole.HQ,
              "::1",
              "x",
              "y",
              Optional.of(NOON),
              Optional.empty(),
              true,
              true,
              "cellar");
      assertThat(await(store.saveNode(drained))).isEqualTo(drained);
      assertThat(await(store.nodes())).containsExactly(drained);
      assertThat(await(store.removeNode(new NodeId("bob")))).isTrue();
      assertThat(await(store.removeNode(new NodeId("bob")))).isFalse();
      assertThat(await(store.nodes())).isEmpty();

      await(store.saveBackend(Samples.backend("bob/ollama")));
      assertThat(await(store.removeBackend(new BackendId("bob/ollama")))).isTrue();
      assertThat(await(store.removeBackend(new BackendId("bob/ollama")))).isFalse();
      assertThat(await(store.backends())).isEmpty();
    }
  }

  @Test
  void changes_of_parts_of_a_node_by_many_are_all_kept() throws Exception {
    var bob = new NodeId("bob");
    try (var store = open()) {
      var changes = new ConcurrentLinkedQueue<CompletableFuture<SavedNode>>();
      inParallel(8, i -> changes.add(store.changeNode(bob, old -> append(old, "+" + i))));
      changes.forEach(Samples::await);
      assertThat(await(store.nodes()).getFirst().label()).hasSize(16).contains("+0", "+7");
      assertThat(failure(store.changeNode(new NodeId("mac"), old -> append(old, ""))))
          .hasMessageContaining("node: bob (expected: mac)");
      assertThat(await(store.nodes())).hasSize(1);
    }
  }

  private static SavedNode append(Optional<SavedNode> old, String text) {
    return Samples.labelled("bob", old.map(SavedNode::label).orElse("") + text);
  }

  @Test
  void saving_a_backend_without_facts_keeps_those_it_had() {
    try (var store = open()) {
      await(store.saveBackend(Samples.backend("bob/ollama")));
      store.noteFacts(new BackendId("bob/ollama"), Samples.facts("qwen3"), NOON);
      store.noteFacts(new BackendId("bob/ollama"), Samples.facts("llava"), NOON.plusSeconds(1));
      await(store.saveBackend(Samples.backend("bob/ollama")));
      Eventually.until(
          "the newest facts",
          SOON,
          () ->
              await(store.backends())
                  .getFirst()
                  .facts()
                  .equals(Optional.of(Samples.facts("llava"))));
      await(store.saveBackend(Samples.backend("bob/ollama")));
      assertThat(await(store.backends()).getFirst().seenAt()).contains(NOON.plusSeconds(1));
    }
  }

  @Test
  void a_key_is_revoked_once() {
    try (var store = open()) {
      await(store.saveKey(Samples.key("k1")));
      assertThat(await(store.revokeKey("k1", NOON))).isTrue();
      assertThat(await(store.revokeKey("k1", NOON.plusSeconds(1)))).isFalse();
      assertThat(await(store.revokeKey("k9", NOON))).isFalse();
      assertThat(await(store.keys()).getFirst().revokedAt()).contains(NOON);
    }
  }

  @Test
  void when_a_key_was_used_and_what_was_spent_is_kept() {
    try (var store = open()) {
      await(store.saveKey(Samples.key("k1")));
      assertThat(await(store.keysUsed(Map.of("k1", NOON, "k9", NOON)))).isEqualTo(1);
      await(store.spend("2026-01", "ann", 40));
      await(store.spend("2026-01", "ann", 2));
      await(store.spend("2026-02", "ann", 7));
    }
    try (var store = open()) {
      assertThat(await(store.keys())).containsExactly(Samples.key("k1").used(NOON));
      assertThat(await(store.spent("2026-01"))).isEqualTo(Map.of("ann", 42L));
      assertThat(await(store.forgetKey("k1"))).isTrue();
      assertThat(await(store.keys())).isEmpty();
    }
  }

  @Test
  void a_change_that_breaks_a_rule_fails_alone() throws Exception {
    try (var store = open()) {
      await(store.saveKey(Samples.key("k1")));
      var twin = Samples.key("k2", Samples.key("k1").sha256());
      var twins = new ConcurrentLinkedQueue<CompletableFuture<Key>>();
      var others = new ConcurrentLinkedQueue<CompletableFuture<Key>>();
      inParallel(
          8,
          i -> {
            twins.add(store.saveKey(twin));
            others.add(store.saveKey(Samples.key("other" + i)));
          });
      others.forEach(Samples::await);
      assertThat(twins)
          .allSatisfy(refused ->
              assertThat(failure(refused))
                  .isInstanceOf(MeshException.class)
                  .hasMessageContaining("UNIQUE")
                  .hasMessageContaining("(expected: "));
      assertThat(await(store.keys())).hasSize(9);
      assertThat(store.health().changesFailed()).isEqualTo(8);
      assertThat(failure(store.saveKey(twin))).hasMessageContaining("UNIQUE");
      assertThat(store.health().isWell()).as("the database is not to blame").isTrue();
    }
  }

  @Test
  void usage_is_summed_by_model_node_and_principal_since_a_moment() {
    try (var store = open()) {
      store.recordUsage(Samples.done("t-0", "qwen3", "bob", "ann", NOON.minusSeconds(1)));
      store.recordUsage(Samples.done("t-1", "qwen3", "bob", "ann", NOON));
      store.recordUsage(Samples.done("t-2", "qwen3", "mac", "ann", NOON.plusSeconds(1)));
      store.recordUsage(Samples.refused("t-3", "llava", NOON.plusSeconds(2)));
      Eventually.until("four rows", SOON, () -> store.health().usageWritten() == 4);

      var ann =
          new UsageSummary(
              "ann", 2, 2, 200, 80, 40, Duration.ofMillis(10), Duration.ofMillis(1800));
      var nobody =
          new UsageSummary("", 1, 0, 0, 0, 0, Duration.ofSeconds(30), Duration.ofSeconds(30));
      assertThat(await(store.usage(UsageSummary.By.PRINCIPAL, NOON))).containsExactly(ann, nobody);
      assertThat(await(store.usage(UsageSummary.By.MODEL, NOON)))
          .extracting(UsageSummary::group)
          .containsExactly("qwen3", "llava");
      assertThat(await(store.usage(UsageSummary.By.NODE, NOON)))
          .extracting(UsageSummary::group)
          .containsExactly("", "bob", "mac");
      assertThat(await(store.usage(UsageSummary.By.MODEL, NOON.plusSeconds(3)))).isEmpty();
    }
  }

  @Test
  void old_usage_and_surplus_usage_and_forgotten_models_are_removed_in_the_background() {
    var time = new SimulatedTime();
    var limits = Samples.limits(1_000, 100, 40, Bytes.ofGibi(1));
    try (var store = SqliteStore.open(file, time, limits, StoreListener.NONE)) {
      for (int i = 0; i < 25; i++) {
        store.recordUsage(
            Samples.done(
                "t-old" + i,
                "qwen3",
                "bob",
                "",
                time.now().minus(limits.usageAge()).minusSeconds(1)));
      }
      for (int i = 0; i < 100; i++) {
        store.recordUsage(Samples.done("t-" + i, "qwen3", "bob", "", time.now()));
      }
      store.noteFacts(new BackendId("a"), Samples.facts("a1", "a2"), NOON);
      store.noteFacts(new BackendId("b"), Samples.facts("b1", "b2"), NOON.plusSeconds(1));
    }
    try (var store = SqliteStore.open(file, time, limits, StoreListener.NONE)) {
      Eventually.until("40 rows", SOON, () -> await(store.recentUsage(1_000)).size() == 40);
      assertThat(await(store.recentUsage(1_000)).getLast().task().value()).isEqualTo("t-60");
      Eventually.until("3 models", SOON, () -> await(store.modelsSeen()).size() == 3);
      assertThat(await(store.modelsSeen())).contains(new ModelName("b1"), new ModelName("b2"));
    }
    var later = new SimulatedTime();
    later.advance(limits.usageAge().plusDays(1));
    try (var store = SqliteStore.open(file, later, limits, StoreListener.NONE)) {
      Eventually.until("no row", SOON, () -> await(store.recentUsage(1_000)).isEmpty());
    }
  }

  @Test
  void many_threads_write_and_read_at_once_and_nothing_is_lost() throws Exception {
    int threads = 8;
    int each = 100;
    try (var store = open()) {
      var saved = new ConcurrentLinkedQueue<CompletableFuture<SavedNode>>();
      var read = new ConcurrentLinkedQueue<CompletableFuture<List<SavedNode>>>();
      inParallel(
          threads,
          thread -> {
            for (int i = 0; i < each; i++) {
              saved.add(store.saveNode(Samples.node("n" + thread + "-" + i)));
              store.recordUsage(Samples.done("t-" + thread + "-" + i));
              if (i % 25 == 0) {
                read.add(store.nodes());
              }
            }
          });
      saved.forEach(Samples::await);
      read.forEach(Samples::await);
      assertThat(await(store.nodes())).hasSize(threads * each);
      Eventually.until(
          "all usage", SOON, () -> store.health().usageWritten() == (long) threads * each);
      assertThat(store.health())
          .isEqualTo(new StoreHealth((long) threads * each, 0, (long) threads * each, 0, ""));
    }
  }

  @Test
  void after_closing_changes_and_queries_fail_and_usage_is_dropped() {
    var store = open();
    store.close();
    store.close();
    assertThat(failure(store.saveNode(Samples.node("bob"))))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("takes no more changes (expected: an open store");
    assertThat(failure(store.nodes())).hasMessageContaining("takes no more queries");
    store.recordUsage(Samples.done("t-1"));
    assertThat(store.health().usageDropped()).isEqualTo(1);
    assertThatThrownBy(() -> store.recentUsage(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("count: 0 (expected: 1 to 1000)");
  }

  @Test
  void only_its_owner_may_read_the_file() throws Exception {
    try (var store = open()) {
      await(store.saveKey(Samples.key("k1")));
      List<Path> files = new ArrayList<>();
      try (var entries = Files.list(file.getParent())) {
        entries.forEach(files::add);
      }
      assertThat(files).hasSizeGreaterThanOrEqualTo(2);
      for (Path one : files) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
            .as(one.toString())
            .isEqualTo("rw-------");
      }
    }
  }

  private interface Work {
    void run(int number) throws Exception;
  }

  private static void inParallel(int threads, Work work) throws Exception {
    var start = new CountDownLatch(1);
    var ends = new ArrayList<CompletableFuture<Boolean>>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      var end = new CompletableFuture<Boolean>();
      ends.add(end);
      Thread.ofPlatform()
          .start(() -> {
            try {
              start.await();
              work.run(number);
              end.complete(true);
            } catch (Exception failure) {
              end.completeExceptionally(failure);
            }
          });
    }
    start.countDown();
    ends.forEach(Samples::await);
  }
}
