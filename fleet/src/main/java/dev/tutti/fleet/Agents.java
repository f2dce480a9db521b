package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The machines with an agent: who may join and what agents report. Owner loop only; {@link Fleet}
/// says what each command means, {@link Sentry} who has fallen silent.
final class Agents {
  private final Time time;
  private final Roster roster;
  private final News news;
  private final Sentry sentry;

  Agents(Time time, Roster roster, News news, Sentry sentry) {
    this.time = time;
    this.roster = roster;
    this.news = news;
    this.sentry = sentry;
  }

  void pending(NodeId id, String host) {
    if (roster.node(id) != null) {
      return;
    }
    roster.checkRoomForNode();
    if (roster.nodes().stream().filter(node -> node.pending).count() >= FleetLimits.MAX_PENDING) {
      throw MeshException.invalid(
          "too many machines wait for approval (expected: <= " + FleetLimits.MAX_PENDING + ")");
    }
    KnownNode node = roster.newNode(id, host, NodeRole.LLM_WORKER);
    node.pending = true;
    node.hasAgent = true;
    roster.settle();
  }

  void approved(NodeId id) {
    KnownNode node = roster.node(id);
    if (node != null && node.pending) {
      node.pending = false;
      news.changed(node, "approved");
      roster.settle();
    }
  }

  void joined(NodeId id, String host, NodeRole role, Hardware hardware) {
    if (roster.isSelf(id)) {
      throw MeshException.invalid("node: " + id + " is the hub itself (expected: another name)");
    }
    KnownNode node = roster.node(id);
    if (node == null) {
      roster.checkRoomForNode();
      node = roster.newNode(id, host, role);
    }
    node.host = host;
    node.role = role;
    node.hasAgent = true;
    node.pending = false;
    node.agentConnected = true;
    node.hardware = hardware;
    node.clockAhead = Optional.empty();
    roster.backendsOf(id).forEach(backend -> backend.watched = false);
    node.seenAt = time.now();
    node.beats.begin(time.nanos());
    boolean wasThere = node.trust.health().isThere();
    news.judge(node, new Liveness.Sign.Told(Health.UP, ""), "connected");
    if (wasThere && node.shown) {
      news.changed(node, "connected");
    }
    roster.settle();
    sentry.wake();
  }

  void clock(NodeId id, Duration ahead) {
    KnownNode node = roster.node(id);
    if (node != null && node.agentConnected) {
      node.clockAhead = Optional.of(ahead);
      roster.touched();
    }
  }

  void reported(NodeId id, NodeReport report) {
    KnownNode node = roster.node(id);
    if (node == null || !node.agentConnected) {
      return;
    }
    var named = check(id, report);
    alive(node);
    node.hardware = report.hardware();
    for (KnownBackend backend : roster.backendsOf(id)) {
      if (backend.way == Way.AGENT && !named.contains(backend.id)) {
        roster.forget(backend, "no longer reported by its agent");
      }
    }
    for (NodeReport.Backend backend : report.backends()) {
      reported(id, backend);
    }
    roster.settle();
  }

  /// The names of the reported backends, once it is sure that all of them may be taken over.
  private Set<BackendId> check(NodeId node, NodeReport report) {
    var named = new HashSet<BackendId>();
    int fresh = 0;
    for (NodeReport.Backend reported : report.backends()) {
      BackendId id;
      try {
        id = BackendNaming.inNode(node, reported.name());
      } catch (IllegalArgumentException _) {
        throw MeshException.invalid("backend: a name of letters, digits and ._:/@- is expected");
      }
      KnownBackend known = roster.backend(id);
      if (known == null) {
        fresh++;
      } else if (known.way != Way.AGENT || !known.node.equals(node)) {
        throw MeshException.invalid("backend: " + id + " is taken (expected: another name)");
      }
      named.add(id);
    }
    roster.checkRoomForBackends(fresh);
    return named;
  }

  private void reported(NodeId node, NodeReport.Backend reported) {
    BackendId id = BackendNaming.inNode(node, reported.name());
    KnownBackend backend = roster.backend(id);
    if (backend == null) {
      backend = roster.newBackend(id, node, Way.AGENT, reported.url(), OptionalInt.empty());
    }
    if (!backend.url.equals(reported.url())) {
      backend.url = reported.url();
      news.changed(backend, "its address changed");
    }
    backend.keys = new LinkedHashSet<>(reported.addressKeys());
    backend.watched = true;
    backend.told = new Liveness.Sign.Told(reported.health(), reported.trouble());
    // Once the agent has seen for itself that the engine was not well, it is the better witness.
    backend.evidenceHolds &= isFresh(backend) && reported.health() == Health.UP;
    // What is not up may have no facts to tell; the old ones say what will be there again.
    boolean tells = reported.health() == Health.UP || !backend.factsKnown;
    news.learn(
        backend,
        tells ? reported.facts() : backend.facts,
        backend.evidenceHolds ? new Liveness.Sign.Passed() : backend.told,
        "reported by its agent");
  }

  void heartbeat(NodeId id) {
    KnownNode node = roster.node(id);
    if (node == null) {
      return;
    }
    if (!node.agentConnected) {
      // Its heartbeats have no way to come, but its answers have.
      node.beats.bytes(time.nanos());
      return;
    }
    alive(node);
    roster.seen();
    for (KnownBackend backend : roster.backendsOf(id)) {
      if (backend.evidenceHolds && !isFresh(backend)) {
        backend.evidenceHolds = false;
        if (backend.watched) {
          news.judge(backend, backend.told, "well again by its agent's word");
        }
      }
    }
  }

  /// Its connection closed: it has a moment to make a new one.
  void lost(NodeId id, String why) {
    KnownNode node = roster.node(id);
    if (node == null || !node.agentConnected) {
      return;
    }
    node.agentConnected = false;
    news.judge(node, new Liveness.Sign.Closed(why), why);
    sentry.wake();
  }

  private void alive(KnownNode node) {
    node.seenAt = time.now();
    node.beats.beat(time.nanos());
    if (node.trust.health() == Health.UP) {
      return;
    }
    boolean wasDown = node.trust.health().isDown();
    news.judge(node, new Liveness.Sign.Well(), "heard of again");
    if (wasDown && node.trust.health().isThere()) {
      // Silence alone took them down, so nobody will report them anew.
      for (KnownBackend backend : roster.backendsOf(node.id)) {
        if (backend.way == Way.AGENT) {
          backend.watched = true;
          news.judge(backend, backend.told, "its agent is heard of again");
        }
      }
      roster.settle();
    }
  }

  private boolean isFresh(KnownBackend backend) {
    return time.nanos() - backend.evidenceNanos < LivenessLimits.EVIDENCE_HOLDS.toNanos();
  }
}
