package dev.tutti.backends;

/// Who tells dispatch that a slot of an engine is free.
public sealed interface Credits {
  /// The transport does: a tunnel's free streams are the free slots.
  Credits BY_TRANSPORT = new ByTransport();

  /// An attempt has begun, on a credit that dispatch spent.
  void taken();

  /// That attempt has ended and the engine can take another one.
  void released();

  /// Counts nothing.
  record ByTransport() implements Credits {
    @Override
    public void taken() {
      // The stream that carries the attempt is the credit.
    }

    @Override
    public void released() {
      // The transport opens a new stream when the engine is idle.
    }
  }

  /// Counts here.
  record Counted(CountedSlots slots) implements Credits {
    @Override
    public void taken() {
      slots.taken();
    }

    @Override
    public void released() {
      slots.released();
    }
  }
}
