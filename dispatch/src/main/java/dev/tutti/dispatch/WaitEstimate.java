package dev.tutti.dispatch;

import java.time.Duration;

/// An estimate, and no more than that, of how long a task waits for a slot.
///
/// @param hopeful three times out of four more
/// @param likely as often less as more
/// @param cautious nine times out of ten less
/// @param learned whether anything was measured; otherwise the figures are a cautious default
/// @param proven whether enough such estimates have been compared with what became of them
/// @param rawMillis what the play of the queue said, before it was corrected by how such figures
///   came out lately
public record WaitEstimate(
    Duration hopeful,
    Duration likely,
    Duration cautious,
    boolean learned,
    boolean proven,
    double rawMillis) {
  /// An estimate that nothing corrects and nothing proves.
  public WaitEstimate(Duration likely, Duration cautious, boolean learned) {
    this(likely, likely, cautious, learned, false, likely.toNanos() / 1e6);
  }
}
