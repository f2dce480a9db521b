package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendView;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who gets tasks of some types: the seed's routing rule.
///
/// @param name what the owner calls it
/// @param types the types it is for
/// @param preferred engines or machines, by name
/// @param fallback those that may have the task when the preferred ones are gone
/// @param model the model for tasks that leave the choice to us, where it is there
/// @param substitute whether another model may answer than the one a client named
public record PoolRule(
    String name,
    Set<TaskType> types,
    List<String> preferred,
    List<String> fallback,
    Optional<ModelName> model,
    boolean substitute) {
  /// Copies the collections.
  public PoolRule {
    types = Set.copyOf(types);
    preferred = List.copyOf(preferred);
    fallback = List.copyOf(fallback);
  }

  boolean names(BackendView backend) {
    return prefers(backend) || isNamed(fallback, backend);
  }

  boolean prefers(BackendView backend) {
    return isNamed(preferred, backend);
  }

  private static boolean isNamed(List<String> names, BackendView backend) {
    return names.contains(backend.id().value()) || names.contains(backend.node().value());
  }
}
