package dev.tutti.simulate;

import java.util.Arrays;

/// A few figures that stand for many: percentiles by nearest rank, and the mean. Infinite where
/// they count something that never came.
///
/// @param p50 half of them are no more than this
/// @param p95 19 of 20
/// @param p99 99 of 100
/// @param mean their sum by their number
public record Figures(double p50, double p95, double p99, double mean) {
  /// The figures of at least one value.
  static Figures of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double sum = 0;
    for (double value : sorted) {
      sum += value;
    }
    return new Figures(
        rank(sorted, 0.50), rank(sorted, 0.95), rank(sorted, 0.99), sum / sorted.length);
  }

  private static double rank(double[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }
}
