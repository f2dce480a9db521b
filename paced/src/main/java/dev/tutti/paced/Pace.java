package dev.tutti.paced;

import java.time.Duration;

/// How fast a simulated machine is and how much it does at once.
///
/// Rates are tokens per second of each generation, however many run. `maxQueued` is how many
/// requests wait inside the engine before it answers 503; `maxResident` is how many models fit in
/// memory at once.
public record Pace(
    double prefillTokensPerSecond,
    double decodeTokensPerSecond,
    Duration load,
    int slots,
    int maxQueued,
    int maxResident) {
  /// What Ollama queues before it says that it is busy.
  public static final int DEFAULT_MAX_QUEUED = 512;

  private static final int DEFAULT_MAX_RESIDENT = 3;
  private static final double NANOS_PER_SECOND = 1e9;

  /// Checks the ranges.
  public Pace {
    positive("prefillTokensPerSecond", prefillTokensPerSecond);
    positive("decodeTokensPerSecond", decodeTokensPerSecond);
    if (load.isNegative()) {
      throw new IllegalArgumentException("load: " + load + " (expected: >= 0)");
    }
    positive("slots", slots);
    positive("maxResident", maxResident);
    if (maxQueued < 0) {
      throw new IllegalArgumentException("maxQueued: " + maxQueued + " (expected: >= 0)");
    }
  }

  /// A machine of one slot that loads at once.
  public static Pace of(double prefillTokensPerSecond, double decodeTokensPerSecond) {
    return new Pace(
        prefillTokensPerSecond,
        decodeTokensPerSecond,
        Duration.ZERO,
        1,
        DEFAULT_MAX_QUEUED,
        DEFAULT_MAX_RESIDENT);
  }

  /// The same machine with another load time.
  public Pace withLoad(Duration time) {
    return new Pace(
        prefillTokensPerSecond, decodeTokensPerSecond, time, slots, maxQueued, maxResident);
  }

  /// The same machine with another number of slots.
  public Pace withSlots(int count) {
    return new Pace(
        prefillTokensPerSecond, decodeTokensPerSecond, load, count, maxQueued, maxResident);
  }

  /// The same machine with another bound on its queue.
  public Pace withMaxQueued(int count) {
    return new Pace(prefillTokensPerSecond, decodeTokensPerSecond, load, slots, count, maxResident);
  }

  /// The same machine with room for another number of models.
  public Pace withMaxResident(int count) {
    return new Pace(prefillTokensPerSecond, decodeTokensPerSecond, load, slots, maxQueued, count);
  }

  /// How long reading a prompt takes.
  long prefillNanos(long promptTokens) {
    return Math.round(promptTokens * NANOS_PER_SECOND / prefillTokensPerSecond);
  }

  /// How long after the prompt's end the first `tokens` tokens of the answer are there.
  long decodeNanos(long tokens) {
    return Math.round(tokens * NANOS_PER_SECOND / decodeTokensPerSecond);
  }

  private static void positive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
