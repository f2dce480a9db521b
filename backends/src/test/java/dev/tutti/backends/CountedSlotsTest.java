package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.dispatch.Engine;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class CountedSlotsTest {
  /// What dispatch would count.
  private static final class Ledger implements Engine.SlotListener {
    int credits;

    @Override
    public void slotOpened() {
      credits++;
    }

    @Override
    public void slotClosed() {
      credits--;
    }
  }

  private final Ledger ledger = new Ledger();
  private final CountedSlots slots = new CountedSlots(ledger);

  private void start() {
    ledger.credits--;
    slots.taken();
  }

  @Test
  void growing_opens_slots_and_an_end_gives_one_back() {
    slots.resize(2);
    assertThat(ledger.credits).isEqualTo(2);
    start();
    start();
    slots.released();
    assertThat(ledger.credits).isEqualTo(1);
  }

  @Test
  void shrinking_closes_free_slots_now_and_busy_ones_when_they_end() {
    slots.resize(3);
    start();
    start();
    slots.resize(1);
    assertThat(ledger.credits).isZero();
    slots.released();
    assertThat(ledger.credits).isZero();
    slots.released();
    assertThat(ledger.credits).isEqualTo(1);
  }

  @Test
  void a_number_out_of_range_is_refused() {
    assertThatThrownBy(() -> slots.resize(-1)).hasMessageContaining("expected: 0 to 1024");
    assertThatThrownBy(() -> slots.resize(1025)).hasMessageContaining("slots: 1025");
  }

  @Test
  void the_ledger_is_always_right() {
    for (long seed = 0; seed < 200; seed++) {
      play(new Random(seed));
    }
  }

  private static void play(RandomGenerator random) {
    var ledger = new Ledger();
    var slots = new CountedSlots(ledger);
    int total = 0;
    for (int step = 0; step < 200; step++) {
      switch (random.nextInt(3)) {
        case 0 -> {
          total = random.nextInt(5);
          slots.resize(total);
        }
        case 1 -> {
          if (ledger.credits > 0) {
            ledger.credits--;
            slots.taken();
          }
        }
        default -> {
          if (slots.busy() > 0) {
            slots.released();
          }
        }
      }
      assertThat(ledger.credits).isEqualTo(slots.free()).isGreaterThanOrEqualTo(0);
      assertThat(slots.free() + slots.busy()).isEqualTo(Math.max(total, slots.busy()));
    }
  }
}
