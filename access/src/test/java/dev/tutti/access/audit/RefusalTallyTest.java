package dev.tutti.access.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RefusalTallyTest {
  private static final Actor STRANGER = Actor.client("", "192.168.1.7");

  private final SimulatedTime time = new SimulatedTime();
  private final List<AuditEntry> written = new ArrayList<>();
  private final RefusalTally tally = new RefusalTally(written::add, time);

  private void refuse(Actor who, String why) {
    tally.refused(who, AuditAction.ACCESS_REFUSED, "GET /v1/models", why);
  }

  @Test
  void the_first_is_written_at_once_and_the_others_as_a_number() {
    for (int i = 0; i < 1_000; i++) {
      refuse(STRANGER, "no key");
    }
    assertThat(written)
        .singleElement()
        .satisfies(first -> {
          assertThat(first.actor()).isEqualTo(STRANGER);
          assertThat(first.outcome()).isEqualTo(AuditEntry.Outcome.REFUSED);
          assertThat(first.target()).isEqualTo("GET /v1/models");
          assertThat(first.details()).containsOnlyKeys("why").containsEntry("why", "no key");
        });
    time.advance(RefusalTally.GATHERED);
    assertThat(written).hasSize(2);
    assertThat(written.getLast().details()).containsEntry("again", "999");
  }

  @Test
  void who_is_refused_no_more_is_forgotten() {
    refuse(STRANGER, "no key");
    time.advance(RefusalTally.GATHERED);
    assertThat(written).hasSize(1);
    assertThat(time.pendingTimers()).isZero();
    refuse(STRANGER, "no key");
    assertThat(written).hasSize(2);
  }

  @Test
  void other_people_and_other_reasons_are_other_sorts() {
    refuse(STRANGER, "no key");
    refuse(STRANGER, "host");
    refuse(Actor.client("ann", "192.168.1.7"), "no key");
    assertThat(written).hasSize(3);
  }

  @Test
  void however_many_strangers_there_are_little_is_written_and_none_is_left_uncounted() {
    for (int i = 0; i < 10_000; i++) {
      refuse(Actor.client("", "host " + i), "no key");
    }
    assertThat(written).hasSize(RefusalTally.MAX_SORTS + 1);
    assertThat(written.getLast().actor().from()).isEmpty();
    time.advance(RefusalTally.GATHERED);
    assertThat(written).hasSize(RefusalTally.MAX_SORTS + 2);
    assertThat(written.getLast().details())
        .containsEntry("again", Integer.toString(10_000 - RefusalTally.MAX_SORTS - 1));
    time.advance(RefusalTally.GATHERED.plus(Duration.ofSeconds(1)));
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void what_was_counted_is_written_at_the_end() {
    refuse(STRANGER, "no key");
    refuse(STRANGER, "no key");
    tally.close();
    assertThat(written.getLast().details()).containsEntry("again", "1");
  }
}
