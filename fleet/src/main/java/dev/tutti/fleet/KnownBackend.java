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

  /// When its engine was heard of; of an agent's only the bytes of its answers.
  final Heartbeats beats;

  /// Whether it was asked a while ago and has not answered yet.
  boolean owing;

  /// How far it is used while it is up.
  Standing standing = Standing.GOOD;

  /// The share of its slots that the world was told of.
  int shownShare = 100;

  final UsualSpeeds speeds = new UsualSpeeds();
  Set<String> keys = new LinkedHashSet<>();

  /// Whether its agent has spoken of it since the agent connected.
  boolean watched;

  /// What the agent last said, for the time when an attempt's evidence has grown old.
  Liveness.Sign.Told told = new Liveness.Sign.Told(Health.UNKNOWN, "");

  /// When an attempt last said otherwise, in {@link dev.tutti.core.Time#nanos()}.
  long evidenceNanos;

  /// Whether that evidence still outweighs the agent's word.
  boolean evidenceHolds;

  /// The backend that stands for the same engine, if another one does.
  @Nullable BackendId twin;

  /// Whether the world has been told of it.
  boolean shown;

  KnownBackend(
      BackendId id,
      NodeId node,
      Way way,
      long arrival,
      String url,
      OptionalInt slotsFixed,
      long now) {
    this.id = id;
    this.node = node;
    this.way = way;
    this.arrival = arrival;
    this.url = url;
    this.slotsFixed = slotsFixed;
    this.beats = new Heartbeats(now);
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

  /// Its health as the world sees it.
  Health health(@Nullable KnownNode machine) {
    Health own = liveness.health();
    if (own == Health.UP || own == Health.BUSY || own == Health.SUSPECT) {
      if (isBehindSuspect(machine)) {
        return Health.SUSPECT;
      }
      return own == Health.UP && standing.phase() == Standing.Phase.EJECTED ? Health.GRAY : own;
    }
    return own;
  }

  /// Whether the agent through which it is reached is suspect.
  private boolean isBehindSuspect(@Nullable KnownNode machine) {
    return way == Way.AGENT
        && machine != null
        && machine.trust.health() == Health.SUSPECT
        && liveness.health().isThere();
  }

  private boolean isLastResort(@Nullable KnownNode machine) {
    return switch (health(machine)) {
      case GRAY -> true;
      case SUSPECT -> liveness.health() != Health.SUSPECT || liveness.isLastResort();
      case UNKNOWN, UP, BUSY, DOWN, OFFLINE -> false;
    };
  }

  private String trouble(@Nullable KnownNode machine) {
    if (liveness.trouble().isEmpty() && machine != null && isBehindSuspect(machine)) {
      return machine.trust.trouble();
    }
    return health(machine) == Health.GRAY
        ? "mute or slow, left alone for a while"
        : liveness.trouble();
  }

  BackendView view(@Nullable KnownNode machine) {
    return new BackendView(
        id,
        node,
        url,
        way,
        facts,
        health(machine),
        slots(),
        slotsFixed.isPresent(),
        drained || (machine != null && machine.drained),
        trouble(machine),
        shownShare,
        isLastResort(machine));
  }
}
