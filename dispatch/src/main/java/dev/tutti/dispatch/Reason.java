package dev.tutti.dispatch;

import dev.tutti.dispatch.predict.Honesty;

/// Why an attempt runs where it runs, in one line for people.
final class Reason {
  private static final String BEATEN =
      "; least busy, since predictions did not beat the median of the last "
          + Honesty.WINDOW
          + " tasks";

  private Reason() {}

  /// The reason of a choice.
  ///
  /// @param beaten whether predictions were not asked
  /// @param terms what the engine says of the task, empty when nothing
  static String of(
      RoutingStrategy strategy,
      Floor.Choice<?, ?> choice,
      boolean beaten,
      String terms,
      Task<?> task) {
    String grounds = choice.place().grounds();
    return strategy.name()
        + ": "
        + strategy.figures(choice.candidate())
        + "; "
        + choice.count()
        + (choice.count() == 1 ? " candidate" : " candidates")
        + (grounds.isEmpty() ? "" : "; " + grounds)
        + (beaten ? BEATEN : "")
        + (terms.isEmpty() ? "" : "; " + terms)
        + appraised(task);
  }

  /// What is added where an answer goes on that broke off.
  static String brokeOff(Run<?, ?> before) {
    return "; goes on with the answer that broke off on " + before.assignment.backend();
  }

  /// How the task was judged, where that decided.
  private static String appraised(Task<?> task) {
    String words = task.appraisal().words();
    return task.model().isAuto() && !words.isEmpty() ? "; " + words : "";
  }
}
