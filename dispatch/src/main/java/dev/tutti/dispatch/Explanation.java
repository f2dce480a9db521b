package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.dispatch.predict.Honesty;
import java.util.List;
import java.util.Optional;

/// Where a task would run now, and why: nothing is started or queued.
///
/// @param strategy the strategy's name
/// @param places every place that has a fitting model, the chosen one first, those that take no
///   work last
/// @param refusal why the task would be refused, if it would
/// @param record how the predictions for that model came out lately
/// @param waiting how long it would wait, zero when it would start at once
public record Explanation(
    String strategy,
    List<Place> places,
    Optional<Failure> refusal,
    Honesty.Verdict record,
    WaitEstimate waiting) {
  /// Copies the list.
  public Explanation {
    places = List.copyOf(places);
  }

  /// One place.
  ///
  /// @param rank 1 for the best of those that could start it now, 0 for those that could not
  /// @param pool when its turn comes, empty for one that may not have the task at all
  /// @param prediction what the task is expected to need there
  /// @param why what speaks for it, or why it takes no work
  public record Place(
      int rank,
      BackendId backend,
      NodeId node,
      ModelName model,
      int free,
      int slots,
      boolean simulated,
      String pool,
      Prediction prediction,
      String why) {}
}
