package dev.tutti.paced;

import java.util.EnumSet;
import java.util.Set;

/// The faults that the control path has ordered: the same one for the next so many requests. Owned
/// by the engine's loop.
final class FaultPlan {
  /// Means every request until another order comes.
  static final int UNLIMITED = -1;

  /// Which requests an order is about.
  enum Target {
    /// Requests for inference.
    WORK,
    /// Questions about the engine: health, models, versions.
    PROBE
  }

  private Fault fault = Fault.NONE;
  private int remaining;
  private Set<Target> targets = EnumSet.noneOf(Target.class);

  void order(Fault ordered, int times, Set<Target> about) {
    fault = ordered;
    remaining = times;
    targets = EnumSet.copyOf(about);
  }

  /// The fault for the next request of this sort.
  Fault next(Target target) {
    if (remaining == 0 || !targets.contains(target)) {
      return Fault.NONE;
    }
    if (remaining != UNLIMITED) {
      remaining--;
    }
    return fault;
  }
}
