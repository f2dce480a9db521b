package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

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
  /// @param passedOver those that could do it and may not
  record Places(
      List<Place> all,
      List<Place> live,
      Map<BackendId, Integer> positions,
      boolean alike,
      List<PassedOver> passedOver)
      implements Fit {
    static Places of(List<Place> all, List<Place> live, List<PassedOver> passedOver) {
      var positions = new HashMap<BackendId, Integer>();
      live.forEach(place -> positions.putIfAbsent(place.backend().id(), positions.size()));
      boolean alike = live.stream().map(Place::match).distinct().count() <= 1;
      return new Places(List.copyOf(all), List.copyOf(live), positions, alike, passedOver);
    }

    /// Whether that backend may be chosen now if it has a free slot.
    boolean isLive(BackendId backend) {
      return positions.containsKey(backend);
    }
  }

  /// A place that the owner's rules, or the client's, keep a task from.
  record PassedOver(Place place, String why) {}

  /// One backend with the model that would answer there.
  ///
  /// @param backend with no more slots than its owner allows
  /// @param loaded whether the model is in memory with a context that is long enough for the task
  /// @param pool when its turn comes
  /// @param priority the owner's figure, higher is better
  /// @param capped whether its owner allows less at a time than it has slots
  /// @param grounds why it is in its pool, for people; empty where nothing had to be decided
  record Place(
      BackendView backend,
      NodeView node,
      ModelFacts model,
      Candidate.Match match,
      boolean loaded,
      Pool pool,
      int priority,
      boolean capped,
      String grounds) {
    /// The same with another match.
    Place as(Candidate.Match other) {
      return new Place(backend, node, model, other, loaded, pool, priority, capped, grounds);
    }

    /// The same on other grounds.
    Place because(String other) {
      return new Place(backend, node, model, match, loaded, pool, priority, capped, other);
    }

    /// The same as the owner ranks it.
    ///
    /// @param most the most attempts at a time, where the owner says
    Place ranked(Pool as, int figure, OptionalInt most, String why) {
      boolean fewer = most.isPresent() && most.getAsInt() < backend.slots();
      return new Place(
          fewer ? backend.withSlots(most.getAsInt()) : backend,
          node,
          model,
          match,
          loaded,
          as,
          figure,
          fewer,
          why);
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
      return new Place(
          backend,
          node,
          model,
          match,
          model.loaded().resident() && enough,
          Pool.PREFERRED,
          WorkerRule.USUAL_PRIORITY,
          false,
          "");
    }
  }
}
