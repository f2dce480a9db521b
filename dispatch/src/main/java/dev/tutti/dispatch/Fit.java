package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where tasks of one shape may run, as far as the fleet's facts tell.
sealed interface Fit {
  /// Nowhere, and waiting would not help.
  record Refused(Failure failure) implements Fit {}

  /// There, or there once somebody is back.
  ///
  /// @param all every place with a fitting model, those too that take no work now
  /// @param live the places that may be chosen now if they have a free slot
  /// @param positions where in `live` each backend is
  /// @param alike whether all of `live` match equally well
  record Places(List<Place> all, List<Place> live, Map<BackendId, Integer> positions, boolean alike)
      implements Fit {
    static Places of(List<Place> all, List<Place> live) {
      var positions = new HashMap<BackendId, Integer>();
      live.forEach(place -> positions.putIfAbsent(place.backend().id(), positions.size()));
      boolean alike = live.stream().map(Place::match).distinct().count() <= 1;
      return new Places(List.copyOf(all), List.copyOf(live), positions, alike);
    }

    /// Whether that backend may be chosen now if it has a free slot.
    boolean isLive(BackendId backend) {
      return positions.containsKey(backend);
    }
  }

  /// One backend with the model that would answer there.
  ///
  /// @param loaded whether the model is in memory with a context that is long enough for the task
  record Place(
      BackendView backend, NodeView node, ModelFacts model, Candidate.Match match, boolean loaded) {
    /// The same with another match.
    Place as(Candidate.Match other) {
      return new Place(backend, node, model, other, loaded);
    }

    /// The place for a task that asks for so much context.
    ///
    /// @param contextTokens 0 when the task does not say
    static Place of(
        BackendView backend,
        NodeView node,
        ModelFacts model,
        Candidate.Match match,
        int contextTokens) {
      int there = model.loaded().contextTokens();
      boolean enough = there == 0 || there >= contextTokens;
      return new Place(backend, node, model, match, model.loaded().resident() && enough);
    }
  }
}
