package dev.tutti.backends;

import dev.tutti.dispatch.Engine;

/// The slots of an engine that is reached directly: a number that can change while attempts run.
/// Owner loop only. Begins with none.
public final class CountedSlots {
  private final Engine.SlotListener listener;
  private int total;
  private int free;
  private int busy;

  /// Slots that nobody has yet.
  ///
  /// @param listener hears of each slot that opens or closes, from within the call that causes it
  public CountedSlots(Engine.SlotListener listener) {
    this.listener = listener;
  }

  /// Sets how many attempts the engine can run at a time. When it becomes fewer, free slots close
  /// now and the others as their attempts end. 0 closes all of them.
  ///
  /// @param slots 0 to {@value EngineAddress#MAX_SLOTS}
  public void resize(int slots) {
    if (slots < 0 || slots > EngineAddress.MAX_SLOTS) {
      throw new IllegalArgumentException(
          "slots: " + slots + " (expected: 0 to " + EngineAddress.MAX_SLOTS + ")");
    }
    total = slots;
    settle();
  }

  /// Slots that dispatch may still spend.
  public int free() {
    return free;
  }

  /// Attempts that run.
  public int busy() {
    return busy;
  }

  void taken() {
    if (free > 0) {
      free--;
    }
    busy++;
  }

  void released() {
    busy--;
    settle();
  }

  /// Each step is done before it is told: the listener may start an attempt from within.
  private void settle() {
    while (free + busy < total) {
      free++;
      listener.slotOpened();
    }
    while (free > 0 && free + busy > total) {
      free--;
      listener.slotClosed();
    }
  }
}
