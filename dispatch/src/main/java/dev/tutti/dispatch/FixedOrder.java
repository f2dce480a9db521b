package dev.tutti.dispatch;

import java.util.Comparator;
import java.util.Locale;
import java.util.function.Function;

/// A strategy that needs nothing but the candidates themselves: pure.
record FixedOrder(
    String name,
    Comparator<Candidate> order,
    Function<Candidate, String> what,
    boolean fallsThrough)
    implements RoutingStrategy {
  static final RoutingStrategy ECHO =
      new FixedOrder(
          "echo",
          Comparator.comparing(Candidate::match)
              .thenComparingInt(Candidate::activeOnNode)
              // Unknown is -1 and so the least of all.
              .thenComparing(Candidate::ramFree, Comparator.reverseOrder())
              .thenComparing(Candidate::backend),
          chosen ->
              chosen.ramFree().isKnown()
                  ? String.format(Locale.ROOT, "%.1f GiB free", chosen.ramFree().gibi())
                  : "free memory unknown",
          false);

  static final RoutingStrategy LEAST_BUSY =
      new FixedOrder(
          "least-busy",
          Comparator.comparing(Candidate::match)
              .thenComparing(FixedOrder::compareBusy)
              .thenComparingInt(Candidate::activeOnNode)
              .thenComparing(Candidate::backend),
          chosen -> chosen.activeOnNode() + " running on the node",
          false);

  static final RoutingStrategy PRIORITY =
      new FixedOrder(
          "priority",
          Comparator.comparing(Candidate::match)
              .thenComparing(Candidate::priority, Comparator.reverseOrder())
              .thenComparing(FixedOrder::compareBusy)
              .thenComparingInt(Candidate::activeOnNode)
              .thenComparing(Candidate::backend),
          chosen -> "priority " + chosen.priority(),
          true);

  static final RoutingStrategy ROUND_ROBIN =
      new FixedOrder(
          "round-robin",
          Comparator.comparing(Candidate::match)
              .thenComparingLong(Candidate::lastPicked)
              .thenComparing(Candidate::backend),
          _ -> "longest not chosen",
          false);

  @Override
  public Comparator<Candidate> order(TaskFacts task) {
    return order;
  }

  @Override
  public String figures(Candidate chosen) {
    return chosen.match().words()
        + "; "
        + chosen.activeOnBackend()
        + " of "
        + chosen.slots()
        + " slots busy; "
        + what.apply(chosen);
  }

  /// Compares active / slots without dividing.
  private static int compareBusy(Candidate a, Candidate b) {
    return Long.compare(
        (long) a.activeOnBackend() * b.slots(), (long) b.activeOnBackend() * a.slots());
  }
}
