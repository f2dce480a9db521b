package dev.tutti.simulate;

import dev.tutti.core.ModelName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The machines and models of a fleet file.
///
/// @param name what it is called
/// @param models every model that is held anywhere
/// @param nodes the machines, in the file's order
public record FleetSpec(String name, Map<ModelName, ModelSpec> models, List<NodeSpec> nodes) {
  /// Copies the collections.
  public FleetSpec {
    models = Collections.unmodifiableMap(new TreeMap<>(models));
    nodes = List.copyOf(nodes);
  }

  /// The same fleet with one more machine.
  public FleetSpec with(NodeSpec node) {
    var more = new ArrayList<>(nodes);
    more.add(node);
    return new FleetSpec(name, models, more);
  }

  /// Whether any machine holds the model.
  boolean holds(ModelName model) {
    return nodes.stream().anyMatch(node -> node.rates().containsKey(model));
  }
}
