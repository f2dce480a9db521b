package dev.tutti.dispatch;

import dev.tutti.dispatch.predict.Honesty;

/// Says for people why an attempt runs where it runs. Owner loop only.
final class Reasons<W, E> {
  private static final String BEATEN =
      "; least busy, since predictions did not beat the median of the last "
          + Honesty.WINDOW
          + " tasks";

  private final Floor<W, E> floor;
  private final Outlook<W, E> outlook;

  Reasons(Floor<W, E> floor, Outlook<W, E> outlook) {
    this.floor = floor;
    this.outlook = outlook;
  }

  /// One line: strategy, what decided, and what is out of the ordinary.
  ///
  /// @param terms what the engine will do differently from what the task asks, empty when nothing
  /// @param beside whether the task's first attempt still runs
  String of(Job<W, E> job, Floor.Choice<W, E> choice, String terms, boolean beside) {
    Run<W, E> before = job.run;
    String story = "";
    if (beside && before != null) {
      story = "; asked as well, since " + before.assignment.backend() + " is later than usual";
    } else if (before != null && job.rest != null) {
      story = "; goes on with the answer that broke off on " + before.assignment.backend();
    }
    return figures(job.task, choice)
        + (terms.isEmpty() ? "" : "; " + terms)
        + appraised(job.task)
        + story;
  }

  private String figures(Task<W> task, Floor.Choice<W, E> choice) {
    RoutingStrategy strategy = floor.strategy();
    String grounds = choice.place().grounds();
    return strategy.name()
        + ": "
        + strategy.figures(choice.candidate())
        + "; "
        + choice.count()
        + (choice.count() == 1 ? " candidate" : " candidates")
        + (grounds.isEmpty() ? "" : "; " + grounds)
        + (outlook.isBeaten(task.model()) ? BEATEN : "");
  }

  /// How the task was judged, where that decided.
  private static String appraised(Task<?> task) {
    String words = task.appraisal().words();
    return task.model().isAuto() && !words.isEmpty() ? "; " + words : "";
  }
}
