package dev.tutti.gateway;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeStatus;
import dev.tutti.fleet.NodeView;
import dev.tutti.fleet.Way;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Nodes, backends and models as the mesh API shows them: JSON-ready, in snake case. Amounts of
/// memory are GiB with two decimals; what nobody knows is null. Public since the events that the
/// app publishes show the same objects.
public final class FleetDocuments {
  private static final double MILLIS_PER_SECOND = 1_000;

  private FleetDocuments() {}

  /// A node in the capability schema, and what we know beyond it.
  ///
  /// @param active attempts that run on it
  public static Map<String, Object> node(NodeView node, int active) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("node_id", node.id().value());
    map.put("host", node.host());
    map.put("port", port(node));
    map.put("models", models(node));
    map.put("hardware", hardware(node.hardware()));
    map.put("status", NodeStatus.of(node, active).wireName());
    map.put("active_tasks", active);
    map.put("role", node.role().wireName());
    map.put("label", node.label());
    map.put("agent", node.hasAgent());
    map.put("connected", node.connected());
    map.put("drained", node.drained());
    map.put("pending", node.pending());
    map.put("seen_at", node.seenAt().toString());
    map.put("clock_ahead_s", clockAhead(node));
    map.put("simulated", isSimulated(node));
    map.put("backends", node.backends().stream().map(each -> each.id().value()).toList());
    return ready(map);
  }

  private static @Nullable Long clockAhead(NodeView node) {
    return node.clockAhead().isPresent()
        ? Math.round(node.clockAhead().get().toMillis() / MILLIS_PER_SECOND)
        : null;
  }

  /// A backend.
  ///
  /// @param active attempts that run on it
  public static Map<String, Object> backend(BackendView backend, int active) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("backend_id", backend.id().value());
    map.put("node_id", backend.node().value());
    map.put("kind", backend.facts().kind().wireName());
    map.put("version", backend.facts().version());
    map.put("url", backend.url());
    map.put("via", backend.way() == Way.AGENT ? "agent" : "direct");
    map.put("health", backend.health().name().toLowerCase(Locale.ROOT));
    map.put("trouble", backend.trouble());
    map.put("share", backend.share());
    map.put("drained", backend.drained());
    map.put("slots", backend.slots());
    map.put("slots_fixed", backend.slotsFixed());
    map.put("active_tasks", active);
    map.put("simulated", backend.facts().simulated());
    map.put("models", backend.facts().models().stream().map(FleetDocuments::model).toList());
    return ready(map);
  }

  /// A model as one backend has it.
  public static Map<String, Object> model(ModelFacts facts) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("name", facts.name().value());
    map.put("type", facts.type().wireName());
    map.put("size_gb", gib(facts.size()));
    map.put("digest", facts.digest());
    map.put("context_tokens", facts.contextTokens() == 0 ? null : facts.contextTokens());
    map.put("capabilities", facts.capabilities());
    map.put("loaded", facts.loaded().resident());
    return ready(map);
  }

  /// A merged model with those who hold it.
  static Map<String, Object> entry(MergedModels.Entry entry) {
    var map = new LinkedHashMap<>(model(entry.facts()));
    map.put("loaded", entry.loaded().resident());
    map.put("simulated", entry.simulated());
    map.put("digest_conflict", entry.conflict());
    map.put("backends", entry.holders().stream().map(each -> holder(entry, each)).toList());
    return map;
  }

  private static Map<String, Object> holder(MergedModels.Entry entry, BackendView backend) {
    var map = new LinkedHashMap<String, Object>();
    map.put("backend_id", backend.id().value());
    map.put("node_id", backend.node().value());
    ModelFacts facts = backend.model(entry.name()).orElse(entry.facts());
    map.put("digest", facts.digest());
    map.put("loaded", facts.loaded().resident());
    return map;
  }

  /// Every node.
  static List<Map<String, Object>> nodes(List<NodeView> nodes, ToIntFunction<NodeView> active) {
    return nodes.stream().map(node -> node(node, active.applyAsInt(node))).toList();
  }

  /// GiB with two decimals, or null.
  static @Nullable Double gib(Bytes amount) {
    return amount.isKnown() ? Math.round(amount.gibi() * 100) / 100.0 : null;
  }

  /// A map that Jackson can print: it may hold nulls, which the type does not say.
  @SuppressWarnings({"unchecked", "NullAway"})
  static Map<String, Object> ready(Map<String, @Nullable Object> map) {
    return (Map<String, Object>) (Map<String, ?>) map;
  }

  private static List<Map<String, Object>> models(NodeView node) {
    var byName = new TreeMap<ModelName, ModelFacts>();
    for (BackendView backend : node.backends()) {
      for (ModelFacts facts : backend.facts().models()) {
        byName.merge(facts.name(), facts, FleetDocuments::loadedFirst);
      }
    }
    return byName.values().stream().map(FleetDocuments::nodeModel).toList();
  }

  private static ModelFacts loadedFirst(ModelFacts one, ModelFacts other) {
    return (!one.loaded().resident() && other.loaded().resident()) ? other : one;
  }

  private static Map<String, Object> nodeModel(ModelFacts facts) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("name", facts.name().value());
    map.put("type", facts.type().wireName());
    map.put("size_gb", gib(facts.size()));
    map.put("loaded", facts.loaded().resident());
    return ready(map);
  }

  private static Map<String, Object> hardware(Hardware hardware) {
    boolean hasGpu = !hardware.gpu().isEmpty() || hardware.vram().value() > 0;
    boolean known = hardware.ramTotal().isKnown();
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("ram_total_gb", gib(hardware.ramTotal()));
    map.put("ram_free_gb", gib(hardware.ramFree()));
    map.put("has_gpu", (known || hasGpu) ? Boolean.valueOf(hasGpu) : null);
    map.put("gpu_vram_gb", gib(hardware.vram()));
    map.put("gpu", hardware.gpu());
    map.put("cpu", hardware.cpu());
    map.put("cores", hardware.cores() == 0 ? null : hardware.cores());
    map.put("architecture", hardware.architecture());
    map.put("os", hardware.os());
    return ready(map);
  }

  private static boolean isSimulated(NodeView node) {
    return !node.backends().isEmpty()
        && node.backends().stream().allMatch(backend -> backend.facts().simulated());
  }

  /// Where the node's first engine listens; a node has no port of its own, since it calls us.
  private static @Nullable Integer port(NodeView node) {
    OptionalInt port =
        node.backends().stream()
            .mapToInt(backend -> portOf(backend.url()))
            .filter(each -> each > 0)
            .findFirst();
    return port.isPresent() ? (Integer) port.getAsInt() : null;
  }

  private static int portOf(String url) {
    try {
      return URI.create(url).getPort();
    } catch (IllegalArgumentException _) {
      return -1;
    }
  }
}
