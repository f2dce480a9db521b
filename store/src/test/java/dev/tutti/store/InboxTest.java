package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// What waits to be written, without a disk.
class InboxTest {
  private final Inbox inbox = new Inbox(Samples.limits(3, 2, 100, Bytes.ofGibi(1)));

  private static Inbox.Pending<String> change() {
    return new Inbox.Pending<>(_ -> "", new CompletableFuture<>());
  }

  @Test
  void past_its_limits_nothing_is_taken_in() {
    for (int i = 0; i < 3; i++) {
      assertThat(inbox.offer(Samples.done("t-" + i))).isTrue();
    }
    assertThat(inbox.offer(Samples.done("t-3"))).isFalse();
    assertThat(inbox.offer(change())).isTrue();
    assertThat(inbox.offer(change())).isTrue();
    assertThat(inbox.offer(change())).isFalse();
    assertThat(inbox.offer(note("a", "m1"))).isTrue();
    assertThat(inbox.offer(note("b", "m1"))).isTrue();
    assertThat(inbox.offer(note("c", "m1"))).isFalse();
    assertThat(inbox.offer(note("b", "m2"))).as("a newer word of the same backend").isTrue();

    Inbox.Batch batch = inbox.drain();
    assertThat(batch.usage()).hasSize(3);
    assertThat(batch.changes()).hasSize(2);
    assertThat(batch.notes()).containsExactly(note("a", "m1"), note("b", "m2"));
    assertThat(inbox.offer(Samples.done("t-3"))).isTrue();
  }

  private static BackendTable.Note note(String id, String model) {
    return new BackendTable.Note(new BackendId(id), Samples.facts(model), Samples.NOON);
  }

  @Test
  void a_closed_inbox_gives_out_what_it_has_and_takes_nothing() throws Exception {
    inbox.offer(Samples.done("t-0"));
    inbox.close();
    assertThat(inbox.isFinished()).isFalse();
    assertThat(inbox.offer(Samples.done("t-1"))).isFalse();
    assertThat(inbox.offer(change())).isFalse();
    assertThat(inbox.take(Duration.ofDays(1).toNanos()).usage()).hasSize(1);
    assertThat(inbox.isFinished()).isTrue();
    assertThat(inbox.take(Duration.ofDays(1).toNanos()).isEmpty()).isTrue();
  }

  @Test
  void what_is_written_apart_puts_each_change_first_and_the_rest_together() {
    inbox.offer(Samples.done("t-0"));
    inbox.offer(note("a", "m"));
    inbox.offer(change());
    inbox.offer(change());
    Inbox.Batch batch = inbox.drain();
    assertThat(batch.isOneThing()).isFalse();
    assertThat(batch.apart()).hasSize(3).allMatch(Inbox.Batch::isOneThing);
    assertThat(batch.apart().getLast().usage()).hasSize(1);
    assertThat(batch.apart().getLast().notes()).hasSize(1);
  }
}
