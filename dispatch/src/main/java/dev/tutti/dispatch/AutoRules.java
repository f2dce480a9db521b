package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The models that the owner prefers where a client leaves the choice to us, best first.
///
/// @param byType for types of tasks
/// @param byDifficulty for tasks whose type has no list, or none of whose list is there
public record AutoRules(
    Map<TaskType, List<ModelName>> byType, Map<Difficulty, List<ModelName>> byDifficulty) {
  /// No preference.
  public static final AutoRules NONE = new AutoRules(Map.of(), Map.of());

  /// Copies the maps.
  public AutoRules {
    byType = Map.copyOf(byType);
    byDifficulty = Map.copyOf(byDifficulty);
  }

  /// The models for such a task, best first; empty when the owner has none in mind.
  List<ModelName> preferred(TaskType type, Difficulty difficulty) {
    var models = new ArrayList<>(byType.getOrDefault(type, List.of()));
    models.addAll(byDifficulty.getOrDefault(difficulty, List.of()));
    return models;
  }
}
