package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The registry's books: who is known, who stands for whom, and what the world was told. Owner loop
/// only.
final class Roster {
  private final Time time;
  private final NodeId self;
  private final Consumer<FleetEvent> events;
  private final Map<NodeId, KnownNode> nodes = new TreeMap<>();
  private final Map<BackendId, KnownBackend> backends = new LinkedHashMap<>();

  /// The same by their machines; no list is empty. Each command looks at every machine's, so with a
  /// thousand machines they must be found at once.
  private final Map<NodeId, List<KnownBackend>> byNode = new HashMap<>();

  private final LinkedHashSet<ModelName> everSeen = new LinkedHashSet<>();
  private final ArrayDeque<FleetEvent> untold = new ArrayDeque<>();
  private Set<ModelName> everSeenView = Set.of();
  private boolean telling;
  private long arrivals;
  private long version;
  private @Nullable FleetView view;
  private long viewedNanos;

  Roster(Time time, NodeId self, String selfHost, Consumer<FleetEvent> events) {
    this.time = time;
    this.self = self;
    this.events = events;
    var own = new KnownNode(self, selfHost, NodeRole.HQ, time.now(), time.nanos());
    own.shown = true;
    own.shownConnected = true;
    nodes.put(self, own);
  }

  @Nullable KnownNode node(NodeId id) {
    return nodes.get(id);
  }

  @Nullable KnownBackend backend(BackendId id) {
    return backends.get(id);
  }

  Collection<KnownNode> nodes() {
    return nodes.values();
  }

  Collection<KnownBackend> backends() {
    return backends.values();
  }

  List<KnownBackend> backendsOf(NodeId node) {
    return List.copyOf(there(node));
  }

  private List<KnownBackend> there(NodeId node) {
    return byNode.getOrDefault(node, List.of());
  }

  boolean isSelf(NodeId id) {
    return id.equals(self);
  }

  /// Enters a machine; {@link #settle()} tells of it.
  KnownNode newNode(NodeId id, String host, NodeRole role) {
    var node = new KnownNode(id, host, role, time.now(), time.nanos());
    nodes.put(id, node);
    return node;
  }

  /// Enters a backend; {@link #settle()} tells of it.
  KnownBackend newBackend(BackendId id, NodeId node, Way way, String url, OptionalInt slotsFixed) {
    var backend = new KnownBackend(id, node, way, arrivals++, url, slotsFixed, time.nanos());
    backends.put(id, backend);
    byNode.computeIfAbsent(node, _ -> new ArrayList<>(2)).add(backend);
    return backend;
  }

  void checkRoomForNode() {
    if (nodes.size() >= FleetLimits.MAX_NODES) {
      throw MeshException.invalid(
          "nodes: " + nodes.size() + " (expected: < " + FleetLimits.MAX_NODES + " to add one)");
    }
  }

  void checkRoomForBackends(int more) {
    if (backends.size() + more > FleetLimits.MAX_BACKENDS) {
      throw MeshException.invalid(
          "backends: "
              + (backends.size() + more)
              + " (expected: <= "
              + FleetLimits.MAX_BACKENDS
              + ")");
    }
  }

  /// Notes that a machine was heard of.
  void signOfLife(NodeId id) {
    KnownNode node = nodes.get(id);
    if (node != null) {
      node.seenAt = time.now();
      seen();
    }
  }

  /// Forgets a backend and tells the world if it knew.
  void forget(KnownBackend backend, String why) {
    if (backends.remove(backend.id, backend)) {
      byNode.computeIfPresent(
          backend.node,
          (_, there) -> {
            there.remove(backend);
            return there.isEmpty() ? null : there;
          });
    }
    if (backend.shown) {
      backend.shown = false;
      tell(new FleetEvent.BackendGone(backend.id, why));
    }
  }

  /// Forgets a machine that has no backends any more.
  void forget(KnownNode node) {
    nodes.remove(node.id);
    if (node.shown) {
      tell(new FleetEvent.NodeRemoved(node.id));
    }
  }

  void remember(Collection<ModelFacts> models) {
    boolean grown = false;
    for (ModelFacts model : models) {
      grown |= everSeen.add(model.name());
    }
    if (grown) {
      while (everSeen.size() > FleetLimits.MAX_EVER_SEEN) {
        everSeen.removeFirst();
      }
      everSeenView = Set.copyOf(everSeen);
    }
  }

  /// Works out who stands for whom and which agentless machines are there at all, tells the world
  /// what became of it, and marks the view as out of date. Ends every command that changes
  /// anything.
  void settle() {
    resolveTwins();
    for (KnownNode node : nodes.values()) {
      if (!node.shown && isThere(node)) {
        node.shown = true;
        node.shownConnected = connected(node);
        tell(new FleetEvent.NodeJoined(view(node)));
      }
    }
    for (KnownBackend backend : backends.values()) {
      BackendId twin = backend.twin;
      if (backend.shown && twin != null) {
        backend.shown = false;
        tell(new FleetEvent.BackendGone(backend.id, "the same engine as " + twin));
      } else if (!backend.shown && twin == null) {
        backend.shown = true;
        tell(new FleetEvent.BackendFound(view(backend)));
      }
    }
    for (KnownNode node : List.copyOf(nodes.values())) {
      settle(node);
    }
    version++;
    view = null;
    flush();
  }

  /// How many there are whose silence would be noticed: agents, and engines that the hub asks.
  int watched() {
    long agents = nodes.values().stream().filter(node -> node.trust.health().isThere()).count();
    long engines =
        backends.values().stream()
            .filter(backend -> backend.way == Way.DIRECT && backend.liveness.health().isThere())
            .count();
    return (int) (agents + engines);
  }

  /// Marks the view as out of date for a change that nobody decides by, such as a sign of life.
  void touched() {
    view = null;
  }

  /// The same for a sign of life, of which there are many: the view may be a little behind.
  void seen() {
    if (time.nanos() - viewedNanos >= FleetLimits.SEEN_WITHIN.toNanos()) {
      view = null;
    }
  }

  /// A backend's health as the world sees it.
  Health health(KnownBackend backend) {
    return backend.health(nodes.get(backend.node));
  }

  private void settle(KnownNode node) {
    if (!isThere(node)) {
      if (node.shown) {
        node.shown = false;
        tell(new FleetEvent.NodeRemoved(node.id));
      }
      if (there(node.id).isEmpty()) {
        nodes.remove(node.id);
      }
      return;
    }
    boolean connected = connected(node);
    if (connected != node.shownConnected) {
      node.shownConnected = connected;
      tell(new FleetEvent.NodeChanged(view(node), connected ? "reachable" : "not reachable"));
    }
  }

  private void resolveTwins() {
    var claims = new HashMap<String, BackendId>();
    var inOrder = new ArrayList<>(backends.values());
    inOrder.sort(KnownBackend.PRECEDENCE);
    for (KnownBackend backend : inOrder) {
      BackendId twin =
          backend.keys.stream().map(claims::get).filter(Objects::nonNull).findFirst().orElse(null);
      if (twin == null) {
        backend.keys.forEach(key -> claims.put(key, backend.id));
      } else if (backend.twin == null && backend.way == Way.DIRECT) {
        // Nobody may be probing it from now on, so an old verdict would be a lie when it returns.
        backend.liveness = Liveness.UNKNOWN;
      }
      backend.twin = twin;
    }
  }

  /// An agentless machine is there as long as one of its engines is reached through it.
  private boolean isThere(KnownNode node) {
    if (node.hasAgent || node.pending || isSelf(node.id)) {
      return true;
    }
    return there(node.id).stream().anyMatch(backend -> backend.twin == null);
  }

  private boolean connected(KnownNode node) {
    if (isSelf(node.id)) {
      return true;
    }
    if (node.hasAgent || node.pending) {
      return node.trust.health().isThere();
    }
    return there(node.id).stream()
        .anyMatch(backend -> backend.twin == null && backend.liveness.health().isThere());
  }

  /// Adds a change to what the world will be told at the end of this command.
  void tell(FleetEvent event) {
    untold.add(event);
  }

  /// Tells it. A listener may give further commands: what comes of them is told after.
  private void flush() {
    if (telling) {
      return;
    }
    telling = true;
    try {
      for (var event = untold.poll(); event != null; event = untold.poll()) {
        events.accept(event);
      }
    } finally {
      telling = false;
    }
  }

  BackendView view(KnownBackend backend) {
    return backend.view(nodes.get(backend.node));
  }

  NodeView view(KnownNode node) {
    var engines =
        there(node.id).stream()
            .filter(backend -> backend.twin == null)
            .sorted((a, b) -> a.id.compareTo(b.id))
            .map(this::view)
            .toList();
    if (isSelf(node.id)) {
      node.seenAt = time.now();
    }
    return node.view(connected(node), engines);
  }

  FleetView view() {
    FleetView current = view;
    if (current == null) {
      var machines = nodes.values().stream().filter(this::isThere).map(this::view).toList();
      var engines = new TreeMap<BackendId, BackendView>();
      machines.forEach(
          machine -> machine.backends().forEach(engine -> engines.put(engine.id(), engine)));
      current =
          new FleetView(version, machines, Collections.unmodifiableMap(engines), everSeenView);
      view = current;
      viewedNanos = time.nanos();
    }
    return current;
  }

  Optional<NodeId> nodeAt(String host) {
    return nodes.values().stream()
        .filter(node -> node.host.equals(host))
        .map(node -> node.id)
        .findFirst();
  }
}
