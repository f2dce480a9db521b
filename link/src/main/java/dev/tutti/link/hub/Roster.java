package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.NodeReport;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is connected and which slots are free: the owner loop's side of the hub's end.
final class Roster {
  private static final Logger log = LoggerFactory.getLogger(Roster.class);

  /// Bytes on slots count as a sign of life at most this often.
  private static final Duration SIGN_OF_LIFE_EVERY = Duration.ofMillis(500);

  private static final String UNKNOWN = "certificate: of nobody known here (expected: of a node)";
  private static final String REMOVED = "the node was removed";

  private final NodeAdmission admission;
  private final LinkListener listener;
  private final Time time;
  private final Map<NodeId, Presence> nodes = new HashMap<>();

  Roster(NodeAdmission admission, LinkListener listener, Time time) {
    this.admission = admission;
    this.listener = listener;
    this.time = time;
  }

  /// What is known of one node that is or was just connected.
  private static final class Presence {
    private @Nullable PulseSession pulse;
    private boolean renewalWanted;
    private long incarnation;
    private long signNanos;
    private Set<String> reported = Set.of();
    private final Map<String, Queue<SlotSession>> free = new HashMap<>();
    private final Set<SlotSession> slots = new LinkedHashSet<>();

    boolean isEmpty() {
      return pulse == null && slots.isEmpty();
    }
  }

  /// Decides about a newcomer.
  NodeAdmission.Decision enrol(NodeAdmission.Application application) {
    return admission.enrol(application);
  }

  /// Whether somebody may have its next certificate.
  enum MayRenew {
    YES,
    UNKNOWN,
    REMOVED
  }

  /// Whether a node may have its next certificate.
  MayRenew mayRenew(UUID uuid) {
    return switch (admission.recognise(uuid, "")) {
      case NodeAdmission.Known _ -> MayRenew.YES;
      case NodeAdmission.Unknown _, NodeAdmission.OtherMachine _ -> MayRenew.UNKNOWN;
      case NodeAdmission.Removed _ -> MayRenew.REMOVED;
    };
  }

  /// A certificate was made.
  void certified(UUID uuid, Instant at) {
    if (admission.recognise(uuid, "") instanceof NodeAdmission.Known(NodeId node)) {
      Presence presence = nodes.get(node);
      if (presence != null) {
        presence.renewalWanted = false;
      }
    }
    admission.certified(uuid, at);
  }

  /// Asks every node that is connected to renew its certificate.
  void wantRenewals() {
    List.copyOf(nodes.keySet()).forEach(this::wantRenewal);
  }

  /// Asks a node that is connected to renew its certificate. It is asked until it does, since a
  /// pulse may be about to change hands.
  void wantRenewal(NodeId node) {
    Presence presence = nodes.get(node);
    if (presence != null) {
      presence.renewalWanted = true;
      PulseSession pulse = presence.pulse;
      if (pulse != null) {
        pulse.wantRenewal();
      }
    }
  }

  /// A pulse said who it is.
  void hello(PulseSession pulse, PulseSession.Greeting hello) {
    Peer peer = hello.peer();
    if (!peer.mayWork()) {
      pulse.refuse(GrpcStatus.UNAUTHENTICATED, peer.why());
      return;
    }
    switch (admission.recognise(peer.uuid().orElseThrow(), hello.machineKey())) {
      case NodeAdmission.Known(NodeId node) -> welcome(pulse, node, hello);
      case NodeAdmission.Unknown _ -> pulse.refuse(GrpcStatus.UNAUTHENTICATED, UNKNOWN);
      case NodeAdmission.Removed _ -> pulse.removed();
      case NodeAdmission.OtherMachine(NodeId node) -> {
        log.warn("Node refused: another machine with its key. node={}", node);
        pulse.refuse(GrpcStatus.ALREADY_EXISTS, "the name belongs to another machine");
      }
    }
  }

  private void welcome(PulseSession pulse, NodeId node, PulseSession.Greeting hello) {
    Presence presence = nodes.computeIfAbsent(node, _ -> new Presence());
    PulseSession older = presence.pulse;
    if (older != null && hello.incarnation() < presence.incarnation) {
      pulse.refuse(GrpcStatus.ALREADY_EXISTS, "a newer agent of this name is connected");
      return;
    }
    if (older != null) {
      older.replaced();
    }
    if (hello.incarnation() != presence.incarnation) {
      // Whatever another process left behind would take work to nowhere; also one that seems to be
      // newer, because the machine's clock was put back.
      dropSlots(node, presence, "agent restarted");
    }
    presence.pulse = pulse;
    presence.incarnation = hello.incarnation();
    presence.signNanos = time.nanos();
    pulse.welcome(node);
    if (presence.renewalWanted) {
      pulse.wantRenewal();
    }
    log.info("Node connected. node={} address={}", node, hello.address());
    listener.nodeConnected(node, hello.address(), hello.incarnation(), hello.version());
  }

  /// A heartbeat came.
  void beat(PulseSession pulse, NodeId node) {
    Presence presence = nodes.get(node);
    if (presence != null && presence.pulse == pulse) {
      presence.signNanos = time.nanos();
      listener.heartbeat(node);
    }
  }

  /// Bytes came on a slot.
  void signOfLife(NodeId node) {
    Presence presence = nodes.get(node);
    if (presence != null && time.nanos() - presence.signNanos > SIGN_OF_LIFE_EVERY.toNanos()) {
      presence.signNanos = time.nanos();
      listener.heartbeat(node);
    }
  }

  /// How far a node's wall clock is ahead of ours.
  void clock(PulseSession pulse, NodeId node, Duration ahead) {
    Presence presence = nodes.get(node);
    if (presence != null && presence.pulse == pulse) {
      listener.clock(node, ahead);
    }
  }

  /// A ping was answered on a connection that carries slots: when the heartbeats are late, that
  /// proves as well that the node lives.
  void pong(NodeId node) {
    Presence presence = nodes.get(node);
    if (presence != null && time.nanos() - presence.signNanos > LinkLimits.PULSE_LATE.toNanos()) {
      presence.signNanos = time.nanos();
      listener.heartbeat(node);
    }
  }

  /// A node says what it has. Slots of backends named for the first time are told now, those of
  /// backends that are named no longer are taken back.
  void report(PulseSession pulse, NodeId node, NodeReport report) {
    Presence presence = nodes.get(node);
    if (presence == null || presence.pulse != pulse) {
      return;
    }
    Set<String> before = presence.reported;
    Set<String> now =
        report.backends().stream().map(NodeReport.Backend::name).collect(Collectors.toSet());
    before.stream().filter(name -> !now.contains(name)).forEach(name -> tell(node, name, -1));
    presence.reported = now;
    listener.report(node, report);
    now.stream().filter(name -> !before.contains(name)).forEach(name -> tell(node, name, 1));
  }

  private void tell(NodeId node, String backend, int direction) {
    for (int i = freeSlots(node, backend); i > 0; i--) {
      if (direction > 0) {
        listener.slotOpened(node, backend);
      } else {
        listener.slotClosed(node, backend);
      }
    }
  }

  /// A pulse is gone.
  void pulseLost(PulseSession pulse, NodeId node, String why) {
    Presence presence = nodes.get(node);
    if (presence == null || presence.pulse != pulse) {
      return;
    }
    presence.pulse = null;
    log.info("Node disconnected. node={} why={}", node, why);
    listener.nodeDisconnected(node, why);
    forgetIfEmpty(node, presence);
  }

  /// A stream wants to be a slot.
  void offer(SlotSession slot, Peer peer, String backend) {
    if (!peer.mayWork()) {
      slot.refuse(GrpcStatus.UNAUTHENTICATED, peer.why());
      return;
    }
    switch (admission.recognise(peer.uuid().orElseThrow(), "")) {
      case NodeAdmission.Known(NodeId node) -> offer(slot, node, backend);
      case NodeAdmission.Unknown _, NodeAdmission.OtherMachine _ ->
          slot.refuse(GrpcStatus.UNAUTHENTICATED, UNKNOWN);
      case NodeAdmission.Removed _ -> slot.refuse(GrpcStatus.PERMISSION_DENIED, REMOVED);
    }
  }

  private void offer(SlotSession slot, NodeId node, String backend) {
    Presence presence = nodes.computeIfAbsent(node, _ -> new Presence());
    boolean known = presence.free.containsKey(backend);
    if (presence.slots.size() >= LinkLimits.MAX_SLOTS_PER_NODE
        || (!known && presence.free.size() >= LinkLimits.MAX_BACKENDS_PER_NODE)) {
      slot.refuse(GrpcStatus.RESOURCE_EXHAUSTED, "too many slots or backends");
      return;
    }
    presence.slots.add(slot);
    presence.free.computeIfAbsent(backend, _ -> new ArrayDeque<>()).add(slot);
    slot.welcome(node);
    if (presence.reported.contains(backend)) {
      listener.slotOpened(node, backend);
    }
  }

  /// A slot's stream is over, free or not.
  void slotLost(SlotSession slot, NodeId node, String backend) {
    Presence presence = nodes.get(node);
    if (presence == null || !presence.slots.remove(slot)) {
      return;
    }
    if (removeFree(presence, slot, backend) && presence.reported.contains(backend)) {
      listener.slotClosed(node, backend);
    }
    forgetIfEmpty(node, presence);
  }

  private static boolean removeFree(Presence presence, SlotSession slot, String backend) {
    Queue<SlotSession> free = presence.free.get(backend);
    if (free == null || !free.remove(slot)) {
      return false;
    }
    if (free.isEmpty()) {
      presence.free.remove(backend);
    }
    return true;
  }

  /// Takes a free slot of a backend, if there is one: the one that has been free the longest.
  @Nullable SlotSession take(NodeId node, String backend) {
    Presence presence = nodes.get(node);
    Queue<SlotSession> free = presence == null ? null : presence.free.get(backend);
    if (presence == null || free == null) {
      return null;
    }
    SlotSession slot = free.remove();
    if (free.isEmpty()) {
      presence.free.remove(backend);
    }
    return slot;
  }

  int freeSlots(NodeId node, String backend) {
    Presence presence = nodes.get(node);
    Queue<SlotSession> free = presence == null ? null : presence.free.get(backend);
    return free == null ? 0 : free.size();
  }

  /// Ends everything of a node and tells it to stay away.
  void remove(NodeId node) {
    Presence presence = nodes.get(node);
    if (presence == null) {
      return;
    }
    PulseSession pulse = presence.pulse;
    dropSlots(node, presence, "node removed");
    if (pulse != null) {
      presence.pulse = null;
      pulse.removed();
      listener.nodeDisconnected(node, "removed");
    }
    forgetIfEmpty(node, presence);
  }

  private void dropSlots(NodeId node, Presence presence, String why) {
    var freeByBackend = new HashMap<String, Integer>();
    presence.free.forEach((backend, free) -> freeByBackend.put(backend, free.size()));
    List<SlotSession> dropped = List.copyOf(presence.slots);
    presence.slots.clear();
    presence.free.clear();
    dropped.forEach(slot -> slot.drop(why));
    var told = new HashSet<>(presence.reported);
    freeByBackend.forEach((backend, count) -> {
      if (told.contains(backend)) {
        for (int i = 0; i < count; i++) {
          listener.slotClosed(node, backend);
        }
      }
    });
  }

  private void forgetIfEmpty(NodeId node, Presence presence) {
    if (presence.isEmpty()) {
      nodes.remove(node);
    }
  }
}
