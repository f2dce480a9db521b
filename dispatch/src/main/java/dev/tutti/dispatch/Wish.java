package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.ModelFacts;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which of the models that could answer an `auto` task it is to have: those the owner named, else
/// those whose size suits its difficulty. Pure.
///
/// @param named the very model, where the owner named one that is there
/// @param least the smallest size that suits, in billions of parameters
/// @param most the largest size that suits
/// @param middle of several on one backend the nearest to this one
record Wish(Optional<ModelName> named, double least, double most, double middle) {
  /// Sizes that differ by less than this factor count as one: 7B and 8B, 27B and 32B.
  static final double ALIKE = 1.5;

  /// Smaller models, in billions of parameters, get no work where there is a larger one.
  static final double LEAST_BILLIONS = 3;

  /// What such a task is to have of these models, one of them at least.
  ///
  /// @param suited the models made for its type; where there are none, all that can do it
  /// @param able all that can do it
  static Wish of(
      List<ModelName> preferred,
      Difficulty difficulty,
      Collection<ModelFacts> suited,
      Collection<ModelFacts> able) {
    double[] sizes = suited.stream().mapToDouble(ModelSize::billions).sorted().distinct().toArray();
    if (sizes.length == 0) {
      return new Wish(Optional.empty(), 0, Double.MAX_VALUE, ModelSize.USUAL_BILLIONS);
    }
    Optional<ModelName> named = firstOf(preferred, able);
    double largest = sizes[sizes.length - 1];
    double floor = Math.min(LEAST_BILLIONS, largest);
    double smallest = largest;
    for (int i = sizes.length - 1; i >= 0 && sizes[i] >= floor; i--) {
      smallest = sizes[i];
    }
    return switch (difficulty) {
      case SIMPLE -> new Wish(named, floor, smallest * ALIKE, smallest);
      case USUAL -> new Wish(named, floor, Double.MAX_VALUE, sizes[sizes.length / 2]);
      case HARD -> new Wish(named, largest / ALIKE, Double.MAX_VALUE, largest);
    };
  }

  private static Optional<ModelName> firstOf(
      List<ModelName> preferred, Collection<ModelFacts> able) {
    if (preferred.isEmpty()) {
      return Optional.empty();
    }
    Set<ModelName> there = new HashSet<>();
    able.forEach(model -> there.add(model.name()));
    return preferred.stream().filter(there::contains).findFirst();
  }

  boolean suits(ModelFacts model) {
    if (named.isPresent()) {
      return named.get().equals(model.name());
    }
    double size = ModelSize.billions(model);
    return size >= least && size <= most;
  }

  /// How far a model is from the size that suits best, 0 for that very size.
  double distance(ModelFacts model) {
    return Math.abs(Math.log(ModelSize.billions(model) / middle));
  }
}
