package dev.tutti.fleet;

import java.time.Duration;

/// Every bound of the registry; what it waits for is in {@link LivenessLimits}.
public final class FleetLimits {
  /// The most machines known at a time.
  public static final int MAX_NODES = 1_024;

  /// The most machines that wait for approval at a time, so that strangers cannot fill the list.
  public static final int MAX_PENDING = 32;

  /// The most backends known at a time.
  public static final int MAX_BACKENDS = 1_024;

  /// The most backends that one agent may report.
  public static final int MAX_BACKENDS_PER_NODE = 64;

  /// The most addresses under which one backend is known.
  public static final int MAX_ADDRESS_KEYS = 64;

  /// The most model names remembered after nobody offers them; the oldest are forgotten first.
  public static final int MAX_EVER_SEEN = 20_000;

  /// The longest label of a node, in characters.
  public static final int MAX_LABEL_CHARS = 128;

  /// The most attempts at a time that anybody may claim for one backend.
  public static final int MAX_SLOTS = 1_024;

  /// How old the time may be at which a machine is said to have been seen last.
  public static final Duration SEEN_WITHIN = Duration.ofSeconds(1);

  private FleetLimits() {}
}
