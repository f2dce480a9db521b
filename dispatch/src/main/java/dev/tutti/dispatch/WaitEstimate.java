package dev.tutti.dispatch;

import java.time.Duration;

/// An estimate, and no more than that, of how long a task waits for a slot.
///
/// @param likely as often less as more
/// @param cautious nine times out of ten less
/// @param learned whether anything was measured; otherwise the figures are a cautious default
/// @param rawMillis what the play of the queue said, before it was corrected by how such figures
///   came out lately
public record WaitEstimate(Duration likely, Duration cautious, boolean learned, double rawMillis) {
  /// An estimate that nothing corrects.
  public WaitEstimate(Duration likely, Duration cautious, boolean learned) {
    this(likely, cautious, learned, likely.toNanos() / 1e6);
  }
}
