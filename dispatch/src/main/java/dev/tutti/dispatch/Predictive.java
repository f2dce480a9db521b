package dev.tutti.dispatch;

import java.util.Comparator;

/// Ranks places by when the task is expected to be at its end there: pure.
final class Predictive implements RoutingStrategy {
  static final RoutingStrategy STRATEGY = new Predictive();

  private static final Comparator<Candidate> ORDER =
      Comparator.comparing(Candidate::match)
          .thenComparingDouble(candidate -> candidate.prediction().endMillis())
          .thenComparing(Candidate::priority, Comparator.reverseOrder())
          .thenComparing(Candidate::backend);

  private Predictive() {}

  @Override
  public String name() {
    return "predictive";
  }

  @Override
  public Comparator<Candidate> order(TaskFacts task) {
    return ORDER;
  }

  @Override
  public String figures(Candidate chosen) {
    return chosen.match().words() + "; " + chosen.prediction().words();
  }

  @Override
  public boolean waits() {
    return true;
  }
}
