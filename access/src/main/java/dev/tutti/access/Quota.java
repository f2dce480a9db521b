package dev.tutti.access;

/// How much a key may use; 0 is no bound everywhere.
///
/// @param requestsPerMinute requests that carry work
/// @param tokensPerMinute tokens, read and written
/// @param concurrent tasks at a time, waiting ones included
/// @param budgetCents what its tasks may cost in the cloud in one calendar month (UTC), in euro
///   cents; -1 is no bound, 0 is nothing
public record Quota(int requestsPerMinute, int tokensPerMinute, int concurrent, long budgetCents) {
  /// No bounds.
  public static final Quota NONE = new Quota(0, 0, 0, -1);

  /// The largest figure of each.
  public static final int MAX = 1_000_000_000;

  /// Checks the ranges.
  public Quota {
    check("rpm", requestsPerMinute, 0);
    check("tpm", tokensPerMinute, 0);
    check("concurrent", concurrent, 0);
    check("budget-eur", budgetCents, -1);
  }

  /// Whether there is a budget.
  public boolean hasBudget() {
    return budgetCents >= 0;
  }

  private static void check(String name, long value, int least) {
    if (value < least || value > MAX) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + " to " + MAX + ")");
    }
  }
}
