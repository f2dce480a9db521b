package dev.tutti.gateway;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.NodeRole;
import dev.tutti.fleet.NodeView;
import dev.tutti.fleet.Way;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Fleets for tests.
final class Fleets {
  private Fleets() {}

  static ModelFacts model(String name, String digest) {
    return new ModelFacts(
        new ModelName(name),
        ModelType.TEXT,
        Bytes.ofGibi(4),
        digest,
        8192,
        ModelFacts.Loaded.NOT,
        List.of("completion"),
        Map.of("family", "llama", "parameter_size", "8.0B"),
        "2026-01-02T03:04:05Z");
  }

  static ModelFacts loaded(String name, String expiresAt) {
    ModelFacts facts = model(name, "d");
    return new ModelFacts(
        facts.name(),
        facts.type(),
        facts.size(),
        facts.digest(),
        facts.contextTokens(),
        new ModelFacts.Loaded(true, Bytes.ofGibi(5), Bytes.ofGibi(5), 4096, expiresAt),
        facts.capabilities(),
        facts.details(),
        facts.modifiedAt());
  }

  static ModelFacts embedder(String name) {
    ModelFacts facts = model(name, "e");
    return new ModelFacts(
        facts.name(),
        ModelType.EMBEDDING,
        facts.size(),
        facts.digest(),
        facts.contextTokens(),
        facts.loaded(),
        List.of("embedding"),
        facts.details(),
        facts.modifiedAt());
  }

  static ModelFacts caller(String name) {
    return able(name, "tools");
  }

  static ModelFacts able(String name, String capability) {
    ModelFacts facts = model(name, "c");
    return new ModelFacts(
        facts.name(),
        facts.type(),
        facts.size(),
        facts.digest(),
        facts.contextTokens(),
        facts.loaded(),
        List.of("completion", capability),
        facts.details(),
        facts.modifiedAt());
  }

  static BackendView backend(String id, Health health, ModelFacts... models) {
    return backend(id, health, false, models);
  }

  /// One outside its owner's network.
  static BackendView outside(String id, ModelFacts... models) {
    BackendView home = backend(id, Health.UP, models);
    return new BackendView(
        home.id(),
        home.node(),
        "https://api.example.com",
        home.way(),
        home.facts(),
        home.health(),
        home.slots(),
        home.slotsFixed(),
        home.drained(),
        home.trouble());
  }

  static BackendView backend(String id, Health health, boolean simulated, ModelFacts... models) {
    var facts = new BackendFacts(BackendKind.OLLAMA, "0.33.0", 1, List.of(models), simulated);
    return new BackendView(
        new BackendId(id),
        new NodeId(id.substring(0, id.indexOf('/'))),
        "http://127.0.0.1:11434",
        Way.DIRECT,
        facts,
        health,
        1,
        false,
        false,
        "");
  }

  /// The same backend as an engine of another kind.
  static BackendView of(BackendView view, BackendKind kind) {
    BackendFacts facts = view.facts();
    return new BackendView(
        view.id(),
        view.node(),
        view.url(),
        view.way(),
        new BackendFacts(kind, facts.version(), facts.slots(), facts.models(), facts.simulated()),
        view.health(),
        view.slots(),
        view.slotsFixed(),
        view.drained(),
        view.trouble());
  }

  static FleetView fleet(BackendView... backends) {
    var byNode = new TreeMap<NodeId, List<BackendView>>();
    var byId = new HashMap<BackendId, BackendView>();
    Set<ModelName> seen = new HashSet<>();
    for (BackendView backend : backends) {
      byNode.merge(backend.node(), List.of(backend), Fleets::both);
      byId.put(backend.id(), backend);
      backend.facts().models().forEach(facts -> seen.add(facts.name()));
    }
    List<NodeView> nodes =
        byNode.entrySet().stream().map(each -> node(each.getKey(), each.getValue())).toList();
    return new FleetView(1, nodes, byId, seen);
  }

  private static List<BackendView> both(List<BackendView> some, List<BackendView> more) {
    return java.util.stream.Stream.concat(some.stream(), more.stream()).toList();
  }

  private static NodeView node(NodeId id, List<BackendView> backends) {
    var hardware =
        new Hardware(
            "M4", 10, "aarch64", "macOS", Bytes.ofGibi(16), Bytes.ofGibi(6.2), "M4", Bytes.UNKNOWN);
    return new NodeView(
        id,
        "192.168.1.10",
        NodeRole.LLM_WORKER,
        false,
        true,
        false,
        false,
        hardware,
        backends,
        Instant.EPOCH);
  }
}
