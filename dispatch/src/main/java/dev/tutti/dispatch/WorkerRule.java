package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// What the owner says about one engine, or about all engines of one machine. Empty where nothing
/// was said.
///
/// @param enabled whether it gets any work at all
/// @param priority 0 to {@value #MAX_PRIORITY}, higher is better; {@value #USUAL_PRIORITY} for
///   those of whom nothing is said
/// @param maxConcurrent the most attempts at a time, 1 or more; never more than it has slots
/// @param batchOnly whether it takes only work that nobody waits for
/// @param cloud whether it is outside the owner's network, where its address does not tell
/// @param types the types of work it is for; each of these types is then for those only that name
///   it
/// @param models the models that it is used for; empty for all it has
public record WorkerRule(
    Optional<Boolean> enabled,
    OptionalInt priority,
    OptionalInt maxConcurrent,
    Optional<Boolean> batchOnly,
    Optional<Boolean> cloud,
    Set<TaskType> types,
    Set<ModelName> models) {
  /// Nothing said.
  public static final WorkerRule NONE =
      new WorkerRule(
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Set.of(),
          Set.of());

  /// The highest priority.
  public static final int MAX_PRIORITY = 1_000;

  /// The priority of those of whom nothing is said.
  public static final int USUAL_PRIORITY = 50;

  /// Checks the ranges and copies the sets.
  public WorkerRule {
    if (priority.isPresent() && (priority.getAsInt() < 0 || priority.getAsInt() > MAX_PRIORITY)) {
      throw new IllegalArgumentException(
          "priority: " + priority.getAsInt() + " (expected: 0 to " + MAX_PRIORITY + ")");
    }
    if (maxConcurrent.isPresent() && maxConcurrent.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "max-concurrent: " + maxConcurrent.getAsInt() + " (expected: >= 1)");
    }
    types = Set.copyOf(types);
    models = Set.copyOf(models);
  }

  /// What is said in one place, over what is said in another: of an engine over its machine.
  public WorkerRule over(WorkerRule machine) {
    return new WorkerRule(
        enabled.or(machine::enabled),
        priority.isPresent() ? priority : machine.priority,
        maxConcurrent.isPresent() ? maxConcurrent : machine.maxConcurrent,
        batchOnly.or(machine::batchOnly),
        cloud.or(machine::cloud),
        types.isEmpty() ? machine.types : types,
        models.isEmpty() ? machine.models : models);
  }
}
