package dev.tutti.app;

import dev.tutti.access.audit.Actor;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.RefusalTally;
import dev.tutti.backends.Credits;
import dev.tutti.backends.DirectHttp;
import dev.tutti.backends.HttpEngine;
import dev.tutti.backends.Transport;
import dev.tutti.core.BackendId;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.Engine;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendNaming;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.NodeReport;
import dev.tutti.link.ReportCodec;
import dev.tutti.link.hub.Enrolment;
import dev.tutti.link.hub.HubLink;
import dev.tutti.link.hub.LinkListener;
import dev.tutti.link.hub.NodeAdmission;
import dev.tutti.link.hub.NodeRecord;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The machines with an agent: what the link hears becomes fleet and dispatch. Owner loop only.
final class AgentNodes implements LinkListener, NodeAdmission {
  /// Between two looks for newcomers who stopped asking.
  private static final Duration SWEEP_EVERY = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(AgentNodes.class);

  private final Fleet fleet;
  private final Dispatcher<Work, Delta> dispatcher;
  private final Enrolment enrolment;
  private final Time time;
  private final String hubId;
  private final Memories memories;
  private final Predicate<NodeId> isBehind;
  private final RefusalTally refusals;
  private final Map<BackendId, Offered> offered = new HashMap<>();
  private final Set<NodeId> shownPending = new HashSet<>();
  private @Nullable HubLink link;

  /// @param isBehind whether a node has not followed the newest change of the authority
  AgentNodes(
      Fleet fleet,
      Dispatcher<Work, Delta> dispatcher,
      Enrolment enrolment,
      Time time,
      String hubId,
      Memories memories,
      Predicate<NodeId> isBehind,
      RefusalTally refusals) {
    this.fleet = fleet;
    this.dispatcher = dispatcher;
    this.enrolment = enrolment;
    this.time = time;
    this.hubId = hubId;
    this.memories = memories;
    this.isBehind = isBehind;
    this.refusals = refusals;
  }

  /// The link whose words these are; before its first word.
  void linked(HubLink link) {
    this.link = link;
    time.after(SWEEP_EVERY, this::sweep);
  }

  // ---- who may come in

  @Override
  public Decision enrol(Application application) {
    Decision decision = enrolment.enrol(application);
    if (decision instanceof Refused(String reason)) {
      refusals.refused(
          Actor.node("", application.address()),
          AuditAction.NODE_REFUSED,
          "node:" + ReportCodec.text(application.wishedName()),
          reason);
    }
    showPending();
    return decision;
  }

  @Override
  public Verdict recognise(UUID uuid, String machineKey) {
    Verdict verdict = enrolment.recognise(uuid, machineKey);
    switch (verdict) {
      case Removed() -> noteStranger("id:" + uuid, "the node was removed");
      case OtherMachine(NodeId node) ->
          noteStranger("node:" + node, "its certificate came from another machine");
      case Known _, Unknown _ -> {
        // welcome, or told to join again
      }
    }
    return verdict;
  }

  private void noteStranger(String target, String why) {
    refusals.refused(Actor.node("", ""), AuditAction.NODE_REFUSED, target, why);
  }

  @Override
  public void certified(UUID uuid, Instant at) {
    enrolment.certified(uuid, at);
  }

  /// Everybody who waits for a yes, oldest first.
  List<Enrolment.PendingNode> pending() {
    return enrolment.pending();
  }

  /// A human says yes to a newcomer.
  ///
  /// @return whether anybody of that name waits
  boolean approve(NodeId node) {
    boolean waited = enrolment.approve(node, NodeRole.LLM_WORKER);
    if (waited) {
      shownPending.remove(node);
      fleet.nodeApproved(node);
    }
    return waited;
  }

  /// Forgets a machine; its agent is told to leave and its certificate is good for nothing any
  /// more.
  ///
  /// @return completes when that is on the disk
  Future<?> remove(NodeId node) {
    Optional<NodeRecord> known = enrolment.node(node);
    Optional<CompletionStage<?>> written = enrolment.remove(node);
    if (written.isEmpty()) {
      enrolment.deny(node);
    }
    shownPending.remove(node);
    HubLink up = link;
    if (up != null) {
      known.ifPresent(record -> up.remove(node, record.uuid()));
    }
    offered.keySet().stream()
        .filter(id -> id.value().startsWith(node + "/"))
        .toList()
        .forEach(this::withdraw);
    fleet.nodeRemoved(node);
    return written.isEmpty() ? Future.succeededFuture() : Future.fromCompletionStage(written.get());
  }

  /// Asks the connected machines to renew their certificates now.
  void wantRenewals() {
    HubLink up = link;
    if (up != null) {
      up.wantRenewals();
    }
  }

  private void sweep() {
    showPending();
    time.after(SWEEP_EVERY, this::sweep);
  }

  private void showPending() {
    var waiting = new HashSet<NodeId>();
    for (Enrolment.PendingNode pending : enrolment.pending()) {
      waiting.add(pending.node());
      if (shownPending.add(pending.node())) {
        fleet.nodePending(pending.node(), pending.host());
      }
    }
    for (NodeId gone : Set.copyOf(shownPending)) {
      if (!waiting.contains(gone)) {
        shownPending.remove(gone);
        boolean stillWaits = fleet.view().node(gone).filter(node -> node.pending()).isPresent();
        if (stillWaits) {
          fleet.nodeRemoved(gone);
        }
      }
    }
  }

  // ---- what they say

  @Override
  public void nodeConnected(NodeId node, String address, long incarnation, String version) {
    NodeRole role = enrolment.node(node).map(NodeRecord::role).orElse(NodeRole.LLM_WORKER);
    fleet.nodeJoined(node, address, role, Hardware.UNKNOWN);
    if (link != null && isBehind.test(node)) {
      link.wantRenewal(node);
    }
    LOG.info("A node is connected. node={} address={} version={}", node, address, version);
  }

  @Override
  public void report(NodeId node, NodeReport report) {
    var named = new HashSet<BackendId>();
    for (NodeReport.Backend backend : report.backends()) {
      BackendId id = BackendNaming.inNode(node, backend.name());
      named.add(id);
      offer(id, node, backend);
    }
    offered.keySet().stream()
        .filter(id -> id.value().startsWith(node + "/") && !named.contains(id))
        .toList()
        .forEach(this::withdraw);
    try {
      fleet.nodeReported(node, inFleetsWords(report));
    } catch (MeshException | IllegalArgumentException e) {
      LOG.warn("A report was refused. node={} cause={}", node, e.getMessage());
    }
  }

  @Override
  public void heartbeat(NodeId node) {
    fleet.heartbeat(node);
  }

  @Override
  public void nodeDisconnected(NodeId node, String why) {
    LOG.info("A node is disconnected. node={} why={}", node, why);
    fleet.nodeLost(node, why);
  }

  @Override
  public void slotOpened(NodeId node, String backend) {
    Offered known = offered.get(BackendNaming.inNode(node, backend));
    if (known != null) {
      known.slots.slotOpened();
    }
  }

  @Override
  public void slotClosed(NodeId node, String backend) {
    Offered known = offered.get(BackendNaming.inNode(node, backend));
    if (known != null) {
      known.slots.slotClosed();
    }
  }

  private void offer(BackendId id, NodeId node, NodeReport.Backend backend) {
    BackendKind kind = backend.facts().kind();
    Offered known = offered.get(id);
    if (link == null || (known != null && known.kind == kind)) {
      return;
    }
    int free = link.freeSlots(node, backend.name());
    if (known != null) {
      withdraw(id);
    } else {
      free = 0; // its slots are told after this
    }
    Engine.SlotListener slots = dispatcher.slots(id);
    Transport transport = withHop(link.transport(node, backend.name()));
    dispatcher.attach(
        id,
        new HttpEngine(
            transport, EngineDialects.of(kind), Credits.BY_TRANSPORT, time, memories.of(id, kind)));
    offered.put(id, new Offered(kind, slots, transport, node, backend.name()));
    for (int i = 0; i < free; i++) {
      slots.slotOpened();
    }
  }

  /// A tunnel carries what it is given: the hop that a direct transport adds by itself is added
  /// here.
  private Transport withHop(Transport tunnel) {
    return (request, listener) -> {
      var headers = new HashMap<>(request.headers());
      headers.merge(
          DirectHttp.HOP_HEADER,
          hubId,
          (before, mine) -> before.isEmpty() ? mine : before + ", " + mine);
      return tunnel.send(
          new Transport.Request(request.method(), request.path(), headers, request.body()),
          listener);
    };
  }

  /// The way to an engine past the dispatcher: an exchange spends a slot all the same.
  Optional<Transport> single(BackendId id) {
    Offered known = offered.get(id);
    HubLink up = link;
    if (known == null || up == null) {
      return Optional.empty();
    }
    return Optional.of((request, listener) -> {
      if (up.freeSlots(known.node, known.backend) > 0) {
        known.slots.slotClosed();
      }
      return known.transport.send(request, listener);
    });
  }

  private void withdraw(BackendId id) {
    offered.remove(id);
    dispatcher.detach(id);
  }

  private static dev.tutti.fleet.NodeReport inFleetsWords(NodeReport report) {
    return new dev.tutti.fleet.NodeReport(
        report.hardware(),
        report.backends().stream()
            .map(backend ->
                new dev.tutti.fleet.NodeReport.Backend(
                    backend.name(),
                    backend.url(),
                    backend.addressKeys(),
                    backend.facts(),
                    backend.health(),
                    backend.trouble()))
            .toList());
  }

  private record Offered(
      BackendKind kind,
      Engine.SlotListener slots,
      Transport transport,
      NodeId node,
      String backend) {}
}
