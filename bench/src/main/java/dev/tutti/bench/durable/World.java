package dev.tutti.bench.durable;

import dev.tutti.core.TaskId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// What outlives every life of the hub: what clients were told, and what engines did.
final class World {
  static final String LOST = "acknowledged and lost";
  static final String DOUBLED = "results doubled";
  static final String CHANGED = "results changed after a client saw them";
  static final String RERUN = "begun again after its result was recorded";
  static final String OPEN = "without an end";
  static final String UNKNOWN = "results that no engine gave";
  static final List<String> FAULTS = List.of(LOST, DOUBLED, CHANGED, RERUN, OPEN, UNKNOWN);

  final Tally tally;
  final SplittableRandom random;

  /// Tasks that a client was told of.
  final Set<TaskId> tasks = new LinkedHashSet<>();

  /// Batches that a client was told of, and the ids that it gave its requests.
  final Map<String, Set<String>> batches = new HashMap<>();

  /// Results that a client has fetched.
  final Map<TaskId, String> seen = new HashMap<>();

  /// Items whose result was recorded when a life began.
  final Set<TaskId> recorded = new HashSet<>();

  /// Everything that engines ever answered.
  final Set<String> answers = new HashSet<>();

  private int runs;

  World(Tally tally, SplittableRandom random) {
    this.tally = tally;
    this.random = random;
  }

  /// An engine begins to work.
  ///
  /// @return what it is going to answer, unlike every other answer
  String begins(TaskId id) {
    tally.add("times an engine began", 1);
    if (recorded.contains(id)) {
      tally.fault(RERUN, id.value());
    }
    return "{\"task\":\"" + id + "\",\"run\":" + runs++ + "}";
  }

  void sees(TaskId id, String result) {
    String before = seen.putIfAbsent(id, result);
    if (before != null && !before.equals(result)) {
      tally.fault(CHANGED, id + " from " + before + " to " + result);
    }
  }

  /// Compares what a batch wrote with what was asked.
  void output(String batch, List<String> customIds) {
    Set<String> asked = batches.getOrDefault(batch, Set.of());
    var once = new HashSet<String>();
    for (String id : customIds) {
      if (!once.add(id)) {
        tally.fault(DOUBLED, batch + " " + id);
      }
    }
    var missing = new ArrayList<>(asked);
    missing.removeAll(once);
    missing.forEach(id -> tally.fault(LOST, batch + " " + id));
    tally.add("results", customIds.size());
  }
}
