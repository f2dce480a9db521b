package dev.tutti.paced;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// The right to run, for so many at once; more wait in order of arrival, and past a bound nobody
/// waits. Owned by the engine's loop; the counts may be read by anybody.
final class Slots {
  private final int slots;
  private final int maxQueued;
  private final Deque<Ticket> queue = new ArrayDeque<>();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();

  Slots(int slots, int maxQueued) {
    this.slots = slots;
    this.maxQueued = maxQueued;
  }

  /// Runs `granted` at once or when a slot is free; empty when the queue is full.
  Optional<Ticket> request(Runnable granted) {
    var ticket = new Ticket(granted);
    if (active.get() < slots) {
      ticket.grant();
    } else if (queued.get() < maxQueued) {
      queue.add(ticket);
      queued.incrementAndGet();
    } else {
      return Optional.empty();
    }
    return Optional.of(ticket);
  }

  int active() {
    return active.get();
  }

  int queued() {
    return queued.get();
  }

  /// A place in the queue, then a slot.
  final class Ticket {
    private enum State {
      WAITING,
      HELD,
      GIVEN_BACK
    }

    private final Runnable granted;
    private State state = State.WAITING;

    private Ticket(Runnable granted) {
      this.granted = granted;
    }

    private void grant() {
      state = State.HELD;
      active.incrementAndGet();
      granted.run();
    }

    /// Leaves the queue or frees the slot, whose next holder is granted at once. A second call does
    /// nothing.
    void release() {
      State was = state;
      state = State.GIVEN_BACK;
      switch (was) {
        case WAITING -> {
          if (queue.remove(this)) {
            queued.decrementAndGet();
          }
        }
        case HELD -> {
          active.decrementAndGet();
          Ticket next = queue.poll();
          if (next != null) {
            queued.decrementAndGet();
            next.grant();
          }
        }
        case GIVEN_BACK -> {}
      }
    }
  }
}
