package dev.tutti.worklist;

/// An item that this life of the hub has taken to work on it.
///
/// @param item what is to be done
/// @param fence proves to the store that this claim is still the present one
/// @param attempts how often the item was begun and that counts, this time included
public record Claim(Item item, Fence fence, int attempts) {
  /// Which claim of an item it is; no two of one item are equal. A result that carries another one
  /// than the last is not recorded.
  ///
  /// @param epoch the hub's life, counted from 1
  /// @param number how often the item was claimed, this time included
  public record Fence(long epoch, int number) {}
}
