package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One version of the fleet, turned so that the holders of a model are found at once. Owner loop
/// only, since it remembers the fits it worked out.
final class ModelIndex {
  /// The most fits remembered; with more kinds of tasks than that they are worked out anew.
  private static final int MAX_FITS = 1_024;

  private final FleetView view;
  private final OwnersWord word;
  private final Map<ModelName, List<Holder>> holders = new HashMap<>();
  private final Map<NodeId, NodeView> nodes = new HashMap<>();
  private final Map<Shape, Fit> fits = new HashMap<>();
  private final boolean somebodyAway;

  ModelIndex(FleetView view, OwnersWord word) {
    this.view = view;
    this.word = word;
    boolean away = false;
    for (NodeView node : view.nodes()) {
      nodes.put(node.id(), node);
      away |= !node.connected() && !node.pending();
      for (BackendView backend : node.backends()) {
        away |= backend.health() != Health.UP;
        for (ModelFacts model : backend.facts().models()) {
          holders
              .computeIfAbsent(model.name(), _ -> new ArrayList<>())
              .add(new Holder(backend, node, model));
        }
      }
    }
    somebodyAway = away;
  }

  FleetView view() {
    return view;
  }

  /// What the owner says about who gets which task.
  OwnersWord word() {
    return word;
  }

  long version() {
    return view.version();
  }

  List<Holder> holders(ModelName model) {
    return holders.getOrDefault(model, List.of());
  }

  boolean knows(NodeId node) {
    return nodes.containsKey(node);
  }

  /// Whether a model that nobody offers could come back with somebody who is away.
  boolean mayComeBack(ModelName model) {
    return somebodyAway && view.everSeen().contains(model);
  }

  Fit fit(Shape shape) {
    Fit known = fits.get(shape);
    if (known != null) {
      return known;
    }
    if (fits.size() >= MAX_FITS) {
      fits.clear();
    }
    Fit fit = Fitting.fit(this, shape);
    fits.put(shape, fit);
    return fit;
  }

  /// A model on a backend on a machine.
  record Holder(BackendView backend, NodeView node, ModelFacts model) {}
}
