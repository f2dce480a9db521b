package dev.tutti.fleet;

/// How much of an engine's slots are used, for one that answers: pure.
///
/// A gray engine is left alone, then tried with one task, then given its slots back in steps. Times
/// are {@link dev.tutti.core.Time#nanos()}.
///
/// @param phase where it is on that way
/// @param ejections how often it was gray, each time soon after the last
/// @param sinceNanos when the phase began
record Standing(Phase phase, int ejections, long sinceNanos) {
  /// An engine that nothing speaks against.
  static final Standing GOOD = new Standing(Phase.FULL, 0, 0);

  /// Where an engine is on its way back.
  enum Phase {
    FULL,
    EJECTED,
    TRIAL,
    RISING
  }

  /// It was found mute or slow.
  Standing ejected(long now) {
    if (phase == Phase.EJECTED) {
      return this;
    }
    boolean forgotten =
        phase == Phase.FULL && now - sinceNanos >= LivenessLimits.EJECTION_FORGOTTEN.toNanos();
    return new Standing(Phase.EJECTED, forgotten ? 1 : ejections + 1, now);
  }

  /// One of its answers ended well.
  Standing served(long now) {
    return phase == Phase.TRIAL ? new Standing(Phase.RISING, ejections, now) : this;
  }

  /// Time went by.
  Standing passed(long now) {
    return switch (phase) {
      case EJECTED ->
          now - sinceNanos >= ejectedNanos() ? new Standing(Phase.TRIAL, ejections, now) : this;
      case RISING ->
          now - sinceNanos >= LivenessLimits.SLOW_START.toNanos()
              ? new Standing(Phase.FULL, ejections, now)
              : this;
      case FULL, TRIAL -> this;
    };
  }

  private long ejectedNanos() {
    return Math.min(
        LivenessLimits.EJECTED.toNanos() * ejections, LivenessLimits.EJECTED_LONGEST.toNanos());
  }

  /// The share of its slots that may be used, in hundredths; 1 stands for a single task.
  int share(long now) {
    return switch (phase) {
      case FULL -> 100;
      case EJECTED, TRIAL -> 1;
      case RISING -> {
        int step = LivenessLimits.FIRST_SHARE;
        long steps = 100L / step - 1;
        long done = (now - sinceNanos) * steps / LivenessLimits.SLOW_START.toNanos();
        yield (int) Math.min(100, step + done * step);
      }
    };
  }

  /// How many mute answers speak against it: on trial there is only one.
  int muteLimit() {
    return phase == Phase.TRIAL ? 1 : LivenessLimits.MUTE_STREAMS;
  }
}
