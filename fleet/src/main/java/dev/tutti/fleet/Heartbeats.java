package dev.tutti.fleet;

/// When a machine was last heard of and how steadily it is, which says from when on its silence is
/// suspect: phi-accrual over the last gaps. Owner loop only; times in nanoseconds.
final class Heartbeats {
  private final long[] gaps = new long[LivenessLimits.GAPS];
  private int count;
  private long lastNanos;
  private long bytesNanos;
  private boolean hadBytes;
  private long limitNanos = limit((double) LivenessLimits.HEARTBEAT.toNanos(), 0);

  Heartbeats(long now) {
    this.lastNanos = now;
  }

  /// It begins anew: what was before says nothing of the gap since.
  void begin(long now) {
    lastNanos = now;
  }

  /// A heartbeat, or another sign of life.
  void beat(long now) {
    // What comes more often than heartbeats must not make them look late.
    long gap = Math.max(now - lastNanos, LivenessLimits.HEARTBEAT.toNanos());
    lastNanos = now;
    gaps[count++ % gaps.length] = gap;
    int known = Math.min(count, gaps.length);
    double mean = 0;
    for (int i = 0; i < known; i++) {
      mean += (double) gaps[i] / known;
    }
    double variance = 0;
    for (int i = 0; i < known; i++) {
      variance += (gaps[i] - mean) * (gaps[i] - mean) / known;
    }
    limitNanos = limit(mean, Math.sqrt(variance));
  }

  private static long limit(double mean, double sigma) {
    double steady = Math.max(sigma, (double) LivenessLimits.LEAST_SIGMA.toNanos());
    double limit = mean + LivenessLimits.PAUSE.toNanos() + LivenessLimits.PHI_SIGMAS * steady;
    return (long) Math.min(limit, (double) LivenessLimits.LONGEST_TRUST.toNanos());
  }

  /// Bytes of an answer came.
  void bytes(long now) {
    hadBytes = true;
    bytesNanos = now;
  }

  /// How long nothing was heard of it.
  long silence(long now) {
    return now - lastNanos;
  }

  /// From which silence on it is suspect.
  long limit() {
    return limitNanos;
  }

  /// Whether bytes of an answer prove that it lives.
  boolean hasProof(long now) {
    return hadBytes && now - bytesNanos < LivenessLimits.PROOF_OF_LIFE.toNanos();
  }
}
