package dev.tutti.store;

import static dev.tutti.store.Samples.NOON;
import static dev.tutti.store.Samples.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.worklist.Batch;
import dev.tutti.worklist.BatchState;
import dev.tutti.worklist.Claim;
import dev.tutti.worklist.Item;
import dev.tutti.worklist.ItemResult;
import dev.tutti.worklist.ItemState;
import dev.tutti.worklist.StoredFile;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.Wishes;
import dev.tutti.worklist.WorkStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the store promises to longer work.
class SqliteWorkTest {
  private static final Viewer ALL = new Viewer("", true);
  private static final int ATTEMPTS = 3;

  @TempDir Path directory = Path.of("");
  private SqliteStore store;
  private WorkStore work;

  @BeforeEach
  void open() {
    store = SqliteStore.open(directory.resolve("tutti.db"), new SimulatedTime());
    work = store.work();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private WorkStore.Recovered nextLife() {
    store.close();
    open();
    return await(work.begin(ATTEMPTS, NOON));
  }

  private static Item item(String id, int priority, String batch, int line) {
    return new Item(
        new TaskId(id),
        batch.isEmpty() ? Optional.empty() : Optional.of(batch),
        line,
        "c" + line,
        "ann",
        "/v1/completions",
        "m",
        new Wishes(priority, "", "", false, false, ""),
        "{}".getBytes(StandardCharsets.UTF_8),
        NOON,
        NOON.plus(Duration.ofHours(1)));
  }

  private static ItemResult answer(String text) {
    return ItemResult.answered(
        ItemState.DONE, 200, "application/json", text.getBytes(StandardCharsets.UTF_8));
  }

  private Claim claim(long epoch) {
    return await(work.claim(epoch, 1, Set.of(), NOON)).getFirst();
  }

  @Test
  void a_result_is_recorded_once_and_only_for_the_last_claim() {
    long first = await(work.begin(ATTEMPTS, NOON)).epoch();
    assertThat(await(work.add(item("t-1", 0, "", 0)))).isTrue();
    Claim old = claim(first);
    assertThat(await(work.release(old.item().id(), old.fence(), false))).isTrue();
    Claim present = claim(first);

    assertThat(present.attempts()).isEqualTo(1);
    assertThat(present.fence()).isNotEqualTo(old.fence());
    assertThat(await(work.finish(old.item().id(), old.fence(), answer("old"), NOON)).recorded())
        .isFalse();
    assertThat(await(work.finish(old.item().id(), present.fence(), answer("new"), NOON)).recorded())
        .isTrue();
    assertThat(
            await(work.finish(old.item().id(), present.fence(), answer("more"), NOON)).recorded())
        .isFalse();
    assertThat(await(work.result(old.item().id())).orElseThrow().body())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("new");
  }

  @Test
  void a_new_life_voids_the_claims_of_the_last_one() {
    long first = await(work.begin(ATTEMPTS, NOON)).epoch();
    await(work.add(item("t-1", 0, "", 0)));
    Claim old = claim(first);

    WorkStore.Recovered recovered = nextLife();

    assertThat(recovered.interrupted()).isEqualTo(1);
    assertThat(recovered.epoch()).isEqualTo(first + 1);
    assertThat(await(work.finish(old.item().id(), old.fence(), answer("late"), NOON)).recorded())
        .isFalse();
    assertThat(claim(recovered.epoch()).attempts()).isEqualTo(2);
  }

  @Test
  void what_dies_with_every_hub_fails_at_last() {
    long epoch = await(work.begin(ATTEMPTS, NOON)).epoch();
    await(work.add(item("t-1", 0, "", 0)));
    for (int i = 0; i < ATTEMPTS; i++) {
      assertThat(claim(epoch).attempts()).isEqualTo(i + 1);
      epoch = nextLife().epoch();
    }
    assertThat(await(work.claim(epoch, 1, Set.of(), NOON))).isEmpty();
    assertThat(await(work.result(new TaskId("t-1"))).orElseThrow().state())
        .isEqualTo(ItemState.FAILED);
  }

  @Test
  void the_first_lines_of_every_batch_come_before_the_later_ones_of_any() {
    long epoch = await(work.begin(ATTEMPTS, NOON)).epoch();
    begin("batch_a", 3);
    begin("batch_b", 2);
    await(work.add(item("t-task", 0, "", 0)));
    await(work.add(item("t-urgent", 5, "", 0)));

    assertThat(await(work.claim(epoch, 9, Set.of(), NOON)))
        .extracting(claim -> claim.item().id().value())
        .containsExactly(
            "t-urgent",
            "t-task",
            "t-batch_a1",
            "t-batch_b1",
            "t-batch_a2",
            "t-batch_b2",
            "t-batch_a3");
    await(work.add(item("t-other", 0, "", 0)));
    assertThat(await(work.claim(epoch, 9, Set.of("m"), NOON))).isEmpty();
  }

  private void begin(String batch, int lines) {
    await(
        work.add(new StoredFile("file-" + batch, "ann", "in", "batch", 1, NOON, Optional.empty())));
    assertThat(
            await(
                work.add(
                    Batch.fresh(
                        batch,
                        "ann",
                        "/v1/completions",
                        "file-" + batch,
                        "",
                        Wishes.NONE,
                        Optional.empty(),
                        NOON))))
        .isTrue();
    for (int line = 1; line <= lines; line++) {
      assertThat(await(work.add(batch, List.of(item("t-" + batch + line, 0, batch, line)))))
          .isEqualTo(WorkStore.Added.YES);
    }
    assertThat(await(work.start(batch, NOON)).recorded()).isTrue();
  }

  @Test
  void a_batch_ends_with_its_last_item_and_its_files_come_with_its_end() {
    long epoch = await(work.begin(ATTEMPTS, NOON)).epoch();
    begin("batch_a", 2);
    Claim one = claim(epoch);
    Claim two = claim(epoch);

    assertThat(await(work.finish(one.item().id(), one.fence(), answer("1"), NOON)).batch())
        .isEmpty();
    assertThat(await(work.finish(two.item().id(), two.fence(), answer("2"), NOON)).batch())
        .contains("batch_a");
    assertThat(nextLife().ended()).containsExactly("batch_a");
    var output = new StoredFile("file-o", "ann", "o", "batch_output", 9, NOON, Optional.empty());
    assertThat(await(work.finishBatch("batch_a", Optional.of(output), Optional.empty(), NOON)))
        .isTrue();
    assertThat(await(work.finishBatch("batch_a", Optional.of(output), Optional.empty(), NOON)))
        .as("once")
        .isFalse();

    Batch batch = await(work.batch("batch_a", new Viewer("ann", false))).orElseThrow();
    assertThat(batch.state()).isEqualTo(BatchState.COMPLETED);
    assertThat(batch.counts()).isEqualTo(new Batch.Counts(2, 2, 0));
    assertThat(batch.files().output()).contains("file-o");
    assertThat(await(work.file("file-o", ALL))).contains(output);
    assertThat(await(work.batch("batch_a", new Viewer("ben", false)))).isEmpty();
  }

  @Test
  void what_was_not_begun_in_time_expires_and_the_batch_with_it() {
    long epoch = await(work.begin(ATTEMPTS, NOON)).epoch();
    begin("batch_a", 2);
    Claim one = claim(epoch);
    await(work.finish(one.item().id(), one.fence(), answer("1"), NOON));

    assertThat(await(work.expire(NOON.plus(Duration.ofHours(25)))).ended())
        .containsExactly("batch_a");
    await(work.finishBatch("batch_a", Optional.empty(), Optional.empty(), NOON));

    Batch batch = await(work.batch("batch_a", ALL)).orElseThrow();
    assertThat(batch.state()).isEqualTo(BatchState.EXPIRED);
    assertThat(batch.counts()).isEqualTo(new Batch.Counts(2, 1, 1));
  }

  @Test
  void a_batch_that_was_being_read_is_read_anew() {
    await(work.begin(ATTEMPTS, NOON));
    await(work.add(new StoredFile("file-x", "ann", "in", "batch", 1, NOON, Optional.empty())));
    Batch fresh =
        Batch.fresh(
            "batch_x", "ann", "/v1/completions", "file-x", "", Wishes.NONE, Optional.empty(), NOON);
    await(work.add(fresh));
    await(work.add("batch_x", List.of(item("t-x", 0, "batch_x", 1))));
    assertThat(await(work.removeFile("file-x"))).isEqualTo(WorkStore.Removed.IN_USE);

    assertThat(nextLife().validating()).containsExactly("batch_x");

    assertThat(await(work.item(new TaskId("t-x"), ALL))).isEmpty();
    assertThat(await(work.cancelBatch("batch_x", NOON)).batch()).contains("batch_x");
    assertThat(await(work.add("batch_x", List.of(item("t-y", 0, "batch_x", 1)))))
        .isEqualTo(WorkStore.Added.NOT_WANTED);
  }
}
