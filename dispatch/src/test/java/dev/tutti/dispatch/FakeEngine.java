package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An engine the test plays by hand. It gives a slot back when its attempt ends, or when told.
final class FakeEngine implements Engine<String, String> {
  final List<Exchange> all = new ArrayList<>();
  private final SlotListener slots;
  boolean returnsSlots = true;

  /// Whether it gives a slot back before it tells how the attempt ended: allowed, though unwise.
  boolean slotFirst;

  int owed;

  /// Slots that are open and not spent, as the engine counts them.
  int opened;

  FakeEngine(SlotListener slots) {
    this.slots = slots;
  }

  @Override
  public Attempt start(Task<String> task, AttemptListener<String> listener) {
    opened--;
    var exchange = new Exchange(task, listener);
    all.add(exchange);
    return exchange;
  }

  void open(int count) {
    for (int i = 0; i < count; i++) {
      openOne();
    }
  }

  private void openOne() {
    opened++;
    slots.slotOpened();
  }

  void close() {
    slots.slotClosed();
    opened--;
  }

  void returnOwed() {
    int count = owed;
    owed = 0;
    open(count);
  }

  List<Exchange> running() {
    return all.stream().filter(exchange -> !exchange.over).toList();
  }

  Exchange only() {
    Optional<Exchange> found = running().stream().findFirst();
    if (running().size() != 1 || found.isEmpty()) {
      throw new AssertionError("running: " + running().size() + " (expected: 1)");
    }
    return found.get();
  }

  /// One attempt from the engine's side.
  final class Exchange implements Attempt {
    final Task<String> task;
    private final AttemptListener<String> listener;
    boolean over;
    boolean cancelled;
    boolean paused;
    private int said;

    Exchange(Task<String> task, AttemptListener<String> listener) {
      this.task = task;
      this.listener = listener;
    }

    void say(String piece) {
      said++;
      listener.event(piece);
    }

    void finish() {
      end(() -> listener.done(new AnswerUsage(3, 0, said)));
    }

    void fail(FailureCode code, Retry retry) {
      end(() -> listener.failed(Failure.of(code, retry, "it said " + code)));
    }

    private void end(Runnable tell) {
      over = true;
      if (slotFirst) {
        giveBack();
        tell.run();
      } else {
        tell.run();
        giveBack();
      }
    }

    private void giveBack() {
      if (returnsSlots) {
        openOne();
      } else {
        owed++;
      }
    }

    @Override
    public void cancel() {
      if (!over) {
        cancelled = true;
        over = true;
        giveBack();
      }
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }
  }
}
