package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.NodeId;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the registry keeps of one backend. Owner loop only.
final class KnownBackend {
  /// Who stands for an engine that is reached in several ways: the agent that watches it now, then
  /// whoever came first among the direct ways, then an agent that has left.
  static final Comparator<KnownBackend> PRECEDENCE =
      Comparator.<KnownBackend>comparingInt(KnownBackend::rank)
          .thenComparingLong(backend -> backend.arrival);

  final BackendId id;
  final NodeId node;
  final Way way;
  final long arrival;
  String url;
  OptionalInt slotsFixed;
  boolean drained;
  BackendFacts facts = BackendFacts.NONE;
  boolean factsKnown;
  Liveness liveness = Liveness.UNKNOWN;
  Set<String> keys = new LinkedHashSet<>();

  /// Whether its agent has spoken of it since the agent connected.
  boolean watched;

  /// What the agent last said, for the time when an attempt's evidence has grown old.
  Liveness told = Liveness.UNKNOWN;

  /// When an attempt last said otherwise, in {@link dev.tutti.core.Time#nanos()}.
  long evidenceNanos;

  /// Whether that evidence still outweighs the agent's word.
  boolean evidenceHolds;

  /// The backend that stands for the same engine, if another one does.
  @Nullable BackendId twin;

  /// Whether the world has been told of it.
  boolean shown;

  KnownBackend(
      BackendId id, NodeId node, Way way, long arrival, String url, OptionalInt slotsFixed) {
    this.id = id;
    this.node = node;
    this.way = way;
    this.arrival = arrival;
    this.url = url;
    this.slotsFixed = slotsFixed;
  }

  private int rank() {
    return switch (way) {
      case AGENT -> watched ? 0 : 2;
      case DIRECT -> 1;
    };
  }

  int slots() {
    if (slotsFixed.isPresent()) {
      return slotsFixed.getAsInt();
    }
    if (!factsKnown) {
      return 0;
    }
    int told = facts.slots() > 0 ? facts.slots() : facts.kind().defaultSlots();
    return Math.min(told, FleetLimits.MAX_SLOTS);
  }

  BackendView view(boolean nodeDrained) {
    return new BackendView(
        id,
        node,
        url,
        way,
        facts,
        liveness.health(),
        slots(),
        slotsFixed.isPresent(),
        drained || nodeDrained,
        liveness.trouble());
  }
}
