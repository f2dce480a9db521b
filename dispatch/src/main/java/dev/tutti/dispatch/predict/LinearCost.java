package dev.tutti.dispatch.predict;

/// A time that grows with what was done in it: `Σ cost[k] × amount[k]`, with costs learned from
/// what was seen.
///
/// Fitted by recursive least squares on relative errors, so that short and long times count alike,
/// with older answers fading: an engine that became slower is known as slow after a dozen answers.
/// It begins with a prior. One odd answer changes little: what is more than {@value #ODD} times off
/// counts as just that far off. No cost is ever negative, and none but the first is more than
/// {@value #MOST} times its prior share of the first.
final class LinearCost {
  /// How much an answer's weight fades with each later one.
  private static final double FADE = 0.97;

  /// From how many answers on a figure counts as measured.
  static final int ENOUGH = 3;

  private static final double ODD = 3;

  /// The variance of one answer's relative error.
  private static final double NOISE = 0.02;

  /// The most that uncertainty grows to while nothing tells two costs apart.
  private static final double MOST_VARIANCE = 4;

  private static final double MOST = 4;

  private final int n;
  private final double[] prior;
  private final double[] scale;
  private final double[][] variance;
  private double errors;
  private double errorWeight;
  private int answers;

  /// Costs of which nothing is known but what such machines usually do.
  ///
  /// @param prior milliseconds for one of each; the first is the one that the others are measured
  ///   by
  /// @param doubt how far off each may be, as a share: variance of its factor
  LinearCost(double[] prior, double[] doubt) {
    this.n = prior.length;
    this.prior = prior.clone();
    this.scale = new double[n];
    this.variance = new double[n][n];
    for (int i = 0; i < n; i++) {
      scale[i] = 1;
      variance[i][i] = doubt[i];
    }
  }

  /// The cost of one of kind `k`, in milliseconds.
  double cost(int k) {
    return prior[k] * scale[k];
  }

  /// The expected time, in milliseconds.
  double millis(double first, double second, double third) {
    return prior[0] * scale[0] * first + prior[1] * scale[1] * second + prior[2] * scale[2] * third;
  }

  /// How far off it usually is, as a share.
  double spread() {
    return errorWeight == 0 ? 1 : errors / errorWeight;
  }

  boolean isMeasured() {
    return answers >= ENOUGH;
  }

  int answers() {
    return answers;
  }

  /// Learns from one answer.
  void add(double millis, double first, double second, double third) {
    double expected = millis(first, second, third);
    if (!(millis > 0) || !(expected > 0) || Double.isInfinite(millis)) {
      return;
    }
    double seen = isMeasured() ? Math.clamp(millis, expected / ODD, expected * ODD) : millis;
    errors = errors * FADE + Math.abs(seen - expected) / expected;
    errorWeight = errorWeight * FADE + 1;
    if (answers == 0) {
      // The first answer says how far off the kind of machine is; in what proportion its costs are
      // is kept.
      rebase(seen / expected);
      expected = seen;
    }
    answers++;
    update(seen, expected, new double[] {first, second, third});
  }

  private void rebase(double factor) {
    for (int i = 0; i < n; i++) {
      prior[i] *= factor;
    }
    variance[0][0] = Math.min(variance[0][0], 0.25);
  }

  private void update(double seen, double expected, double[] amounts) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = amounts[i] * prior[i] / expected;
    }
    double[] vx = new double[n];
    double spreadOfX = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        vx[i] += variance[i][j] * x[j];
      }
      spreadOfX += x[i] * vx[i];
    }
    double gain = 1 / (NOISE + spreadOfX);
    double error = (seen - expected) / expected;
    for (int i = 0; i < n; i++) {
      scale[i] += vx[i] * gain * error;
      for (int j = 0; j < n; j++) {
        variance[i][j] -= vx[i] * vx[j] * gain;
      }
    }
    for (int i = 0; i < n; i++) {
      double least = i == 0 ? 0.05 : 0;
      scale[i] = Math.clamp(scale[i], least, i == 0 ? 20 : MOST * scale[0]);
      for (int j = 0; j < n; j++) {
        variance[i][j] /= FADE;
      }
      if (variance[i][i] > MOST_VARIANCE) {
        calm(i);
      }
    }
  }

  /// What is never told apart must not become boundlessly uncertain.
  private void calm(int i) {
    double factor = Math.sqrt(MOST_VARIANCE / variance[i][i]);
    for (int j = 0; j < n; j++) {
      variance[i][j] *= factor;
      variance[j][i] *= factor;
    }
  }

  /// Everything needed to go on later: costs, answers, spread.
  double[] save() {
    double[] saved = new double[n + 2];
    for (int i = 0; i < n; i++) {
      saved[i] = cost(i);
    }
    saved[n] = answers;
    saved[n + 1] = spread();
    return saved;
  }

  /// Goes on from what was saved, a little less sure of itself.
  static LinearCost restore(double[] saved) {
    int n = saved.length - 2;
    double[] costs = new double[n];
    double[] doubt = new double[n];
    for (int i = 0; i < n; i++) {
      costs[i] = Math.max(saved[i], 1e-9);
      doubt[i] = 0.1;
    }
    var restored = new LinearCost(costs, doubt);
    restored.answers = (int) saved[n];
    restored.errors = saved[n + 1];
    restored.errorWeight = 1;
    return restored;
  }
}
