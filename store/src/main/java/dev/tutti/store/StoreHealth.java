package dev.tutti.store;

/// How the store is doing: counters since it was opened.
///
/// @param usageWritten usage rows committed
/// @param usageDropped usage rows lost, because the inbox was full or the disk refused them
/// @param changesWritten durable changes committed
/// @param changesFailed durable changes refused; their futures failed
/// @param trouble why the last write failed; empty when it did not
public record StoreHealth(
    long usageWritten, long usageDropped, long changesWritten, long changesFailed, String trouble) {
  /// Whether the last write went through.
  public boolean isWell() {
    return trouble.isEmpty();
  }
}
