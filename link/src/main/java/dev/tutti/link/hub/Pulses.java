package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// All pulses of a link: gathers their heartbeats for the owner, and looks after those that are
/// silent. Link loop.
final class Pulses {
  private final Time time;
  private final Executor owner;
  private final Set<PulseSession> going = new LinkedHashSet<>();
  private final Map<NodeId, PulseSession> beating = new HashMap<>();
  private List<PulseSession> gathered = new ArrayList<>();
  private long lookedNanos;

  Pulses(Time time, Executor owner) {
    this.time = time;
    this.owner = owner;
    this.lookedNanos = time.nanos();
  }

  /// A pulse has begun; nobody knows whose it is.
  void begun(PulseSession pulse) {
    going.add(pulse);
  }

  /// A pulse is over.
  void over(PulseSession pulse) {
    going.remove(pulse);
    beating.values().remove(pulse);
  }

  /// A pulse has begun to beat for a known node.
  void open(PulseSession pulse, NodeId node) {
    beating.put(node, pulse);
  }

  /// A known node's heartbeat came, the first since the owner was told of one.
  void beat(PulseSession pulse) {
    if (gathered.isEmpty()) {
      time.after(LinkLimits.GATHERED, this::tell);
    }
    gathered.add(pulse);
  }

  private void tell() {
    List<PulseSession> told = gathered;
    gathered = new ArrayList<>(told.size());
    told.forEach(PulseSession::told);
    owner.execute(() -> told.forEach(PulseSession::tellBeat));
  }

  /// A node's pulse, if it has one.
  @Nullable PulseSession of(NodeId node) {
    return beating.get(node);
  }

  /// It is time to look at the clock.
  void look() {
    long now = time.nanos();
    boolean asleep = now - lookedNanos > LinkLimits.ASLEEP.toNanos();
    lookedNanos = now;
    List.copyOf(going).forEach(pulse -> pulse.look(asleep));
  }
}
