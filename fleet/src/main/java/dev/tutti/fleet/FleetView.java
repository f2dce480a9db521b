package dev.tutti.fleet;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The whole fleet at one moment: immutable, readable from any thread.
///
/// @param version grows by one with each change
/// @param nodes in order of their names
/// @param backends every backend by its name
/// @param everSeen each model that any backend ever offered, so that "down" and "never" differ
public record FleetView(
    long version,
    List<NodeView> nodes,
    Map<BackendId, BackendView> backends,
    Set<ModelName> everSeen) {
  /// A fleet with nobody in it.
  public static final FleetView EMPTY = new FleetView(0, List.of(), Map.of(), Set.of());

  /// The node of that name.
  public Optional<NodeView> node(NodeId id) {
    return nodes.stream().filter(node -> node.id().equals(id)).findFirst();
  }
}
