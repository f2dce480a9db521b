package dev.tutti.store;

/// Hears when the store falls into trouble and when it is out of it again.
@FunctionalInterface
public interface StoreListener {
  /// Nobody listens.
  StoreListener NONE = _ -> {};

  /// The trouble is another one than before, or gone. Called on the store's writing thread: must
  /// not block.
  void changed(StoreHealth health);
}
