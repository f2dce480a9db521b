package dev.tutti.dispatch;

import java.util.Comparator;
import java.util.List;

/// How places are ranked: a pure total order over candidates.
public interface RoutingStrategy {
  /// The name in settings and reasons.
  String name();

  /// The order of places for a task, best first. Total: no two backends compare as equal.
  Comparator<Candidate> order(TaskFacts task);

  /// What decided, for people: the figures this strategy looks at.
  String figures(Candidate chosen);

  /// Whether a task may be better off waiting for a busy place than starting in a free one. Such a
  /// strategy chooses by what is expected, see {@link Prediction}.
  default boolean waits() {
    return false;
  }

  /// Whether a task under a rule of the owner's goes on to the rule's fallback as soon as the
  /// preferred ones are busy, and not only when they are gone.
  default boolean fallsThrough() {
    return false;
  }

  /// All places, best first.
  default List<Candidate> rank(TaskFacts task, List<Candidate> candidates) {
    return candidates.stream().sorted(order(task)).toList();
  }

  /// The mesh's own order: exact model; type of task, where the client left the model to us; fewest
  /// attempts running on the machine; most free memory, unknown last; name.
  static RoutingStrategy echo() {
    return FixedOrder.ECHO;
  }

  /// The nearest model; then the engine that is least busy for its size, then the least busy
  /// machine; name.
  static RoutingStrategy leastBusy() {
    return FixedOrder.LEAST_BUSY;
  }

  /// The nearest model; then each engine in its turn; name.
  static RoutingStrategy roundRobin() {
    return FixedOrder.ROUND_ROBIN;
  }

  /// Where the task is expected to be at its end first, the wait for a slot included: learned from
  /// what each engine has shown.
  static RoutingStrategy predictive() {
    return Predictive.STRATEGY;
  }

  /// The nearest model; then the owner's priorities, the highest first; then as {@link #leastBusy}.
  static RoutingStrategy priority() {
    return FixedOrder.PRIORITY;
  }

  /// The strategies by their names.
  static List<RoutingStrategy> all() {
    return List.of(predictive(), priority(), echo(), leastBusy(), roundRobin());
  }
}
