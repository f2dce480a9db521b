package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.ModelFacts;

/// One place where a task could run, as a strategy sees it.
///
/// @param backend the engine
/// @param node its machine
/// @param facts the model that would answer, as that engine describes it
/// @param match how near that model is to what was asked for
/// @param activeOnNode attempts running on the machine, all its backends together
/// @param activeOnBackend attempts running on the engine
/// @param freeSlots attempts the engine can take now, 0 when the task would wait
/// @param slots attempts the engine can take at a time
/// @param ramFree the machine's free memory, or unknown
/// @param lastPicked grows with each choice of this backend; 0 when it was never chosen
/// @param simulated whether the engine is a simulated one
/// @param pool when its turn comes
/// @param priority the owner's figure, higher is better
/// @param prediction what the task is expected to need there, where somebody looked
public record Candidate(
    BackendId backend,
    NodeId node,
    ModelFacts facts,
    Match match,
    int activeOnNode,
    int activeOnBackend,
    int freeSlots,
    int slots,
    Bytes ramFree,
    long lastPicked,
    boolean simulated,
    Pool pool,
    int priority,
    Prediction prediction) {

  /// The model that would answer.
  public ModelName model() {
    return facts.name();
  }

  /// How near a model is to what was asked for, nearest first.
  public enum Match {
    /// The very model that was named.
    EXACT("exact model"),
    /// The choice was ours, and the model is made for this type of task.
    TYPE("model for this type of task"),
    /// The choice was ours, and the model can do it though it is made for something else.
    ANY("model that can do it"),
    /// The choice was ours, and the model can do it though another one is preferred for such a
    /// task.
    LESSER("not the model preferred for such a task, as the client allows"),
    /// Another model than the named one, with the client's consent.
    SUBSTITUTE("substitute, as the client allows");

    private final String words;

    Match(String words) {
      this.words = words;
    }

    /// The match in words for people.
    public String words() {
      return words;
    }
  }
}
