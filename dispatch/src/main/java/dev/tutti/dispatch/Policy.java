package dev.tutti.dispatch;

import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Outside;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The owner's hard rules: who may do what, before any strategy ranks those who may. Pure.
///
/// @param workers what is said of engines and machines, by their names
/// @param rules who gets which types; the first that has a task's type holds for it
/// @param cloudAfter how long a task may be expected to wait at home before the cloud may have it;
///   empty: the cloud is only for when nobody at home takes work
public record Policy(
    Map<String, WorkerRule> workers, List<PoolRule> rules, Optional<Duration> cloudAfter) {
  /// Everybody may do everything; the cloud is last.
  public static final Policy NONE = new Policy(Map.of(), List.of(), Optional.empty());

  /// Tasks of this priority or a lower one are work that nobody waits for.
  public static final int BATCH_PRIORITY = 2;

  /// The most workers and the most rules.
  public static final int MAX_ENTRIES = 1_024;

  /// Copies the collections.
  public Policy {
    if (workers.size() > MAX_ENTRIES || rules.size() > MAX_ENTRIES) {
      throw new IllegalArgumentException(
          "workers and rules: "
              + Math.max(workers.size(), rules.size())
              + " (expected: <= "
              + MAX_ENTRIES
              + ")");
    }
    workers = Map.copyOf(workers);
    rules = List.copyOf(rules);
  }

  /// What is said of an engine, its machine's rule included.
  WorkerRule of(BackendView backend) {
    if (workers.isEmpty()) {
      return WorkerRule.NONE;
    }
    WorkerRule own = workers.getOrDefault(backend.id().value(), WorkerRule.NONE);
    WorkerRule machine = workers.getOrDefault(backend.node().value(), WorkerRule.NONE);
    return own.over(machine);
  }

  /// Whether an engine is outside the owner's network: as the owner says, else by what it is and
  /// where it listens.
  boolean isCloud(BackendView backend) {
    return of(backend).cloud().orElseGet(() -> Outside.is(backend));
  }

  /// Whether somebody is named for work of that type, so that others are not.
  boolean isListed(TaskType type) {
    return workers.values().stream().anyMatch(worker -> worker.types().contains(type));
  }

  Optional<PoolRule> rule(TaskType type) {
    return rules.stream().filter(rule -> rule.types().contains(type)).findFirst();
  }
}
