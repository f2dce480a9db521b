package dev.tutti.dispatch.predict;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How long answers become, in tokens, by who asks for what: the last few hundred lengths of each
/// kind, fading, in buckets that grow by half.
final class Lengths {
  /// The most kinds remembered; the one unused for longest goes first.
  static final int MAX_KINDS = 4_096;

  /// Tokens of an answer when nothing is known.
  static final double PRIOR_TOKENS = 256;

  /// From so many answers on a narrow kind is believed before a wider one.
  private static final double ENOUGH = 8;

  private final Map<String, Lot> lots =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Lot> eldest) {
          return size() > MAX_KINDS;
        }
      };

  /// Learns a length for each of the kinds, the narrowest first.
  ///
  /// @param limited whether the client's limit ended it
  void add(String[] kinds, double tokens, boolean limited) {
    for (String kind : kinds) {
      lots.computeIfAbsent(kind, _ -> new Lot()).add(tokens, limited);
    }
  }

  /// The mean length of answers that are longer than `written`, by the narrowest kind that is known
  /// well enough.
  double expected(String[] kinds, double written) {
    Lot lot = best(kinds);
    return lot == null ? afterPrior(written) : lot.meanAbove(written);
  }

  /// Whether such answers mostly go on until a limit ends them, so that a larger limit means a
  /// longer answer; so it is also thought while nothing is known.
  boolean runsToLimit(String[] kinds) {
    Lot lot = best(kinds);
    return lot == null || 2 * lot.limited >= lot.total;
  }

  private static double afterPrior(double written) {
    return written < PRIOR_TOKENS / 2 ? PRIOR_TOKENS : 2 * written;
  }

  private @Nullable Lot best(String[] kinds) {
    Lot any = null;
    for (String kind : kinds) {
      Lot lot = lots.get(kind);
      if (lot != null && lot.total >= ENOUGH) {
        return lot;
      }
      any = lot == null || any != null ? any : lot;
    }
    return any;
  }

  Map<String, double[]> save() {
    var saved = new LinkedHashMap<String, double[]>();
    lots.forEach((kind, lot) -> saved.put(kind, lot.save()));
    return saved;
  }

  /// Goes on from what was saved of one kind.
  void restore(String kind, double[] counts) {
    if (counts.length == 2 * Lot.BUCKETS) {
      lots.put(kind, new Lot(counts));
    }
  }

  /// The lengths of one kind.
  private static final class Lot {
    static final int BUCKETS = 30;
    private static final double STEP = 1.5;
    private static final double LOG_STEP = Math.log(STEP);
    private static final double FADE = 0.995;
    private static final double[] STARTS = new double[BUCKETS];

    static {
      Arrays.setAll(STARTS, bucket -> Math.pow(STEP, bucket));
    }

    /// How much longer an answer is thought to become that is longer than all before it.
    private static final double OVERRUN = 1.5;

    final double[] counts = new double[BUCKETS];
    final double[] sums = new double[BUCKETS];
    double total;
    double limited;

    /// The mean of all; not a number when it is to be worked out again.
    private double mean = Double.NaN;

    Lot() {}

    /// @param saved what {@link #save} gave
    Lot(double[] saved) {
      System.arraycopy(saved, 0, counts, 0, BUCKETS);
      System.arraycopy(saved, BUCKETS, sums, 0, BUCKETS);
      for (double count : counts) {
        total += count;
      }
    }

    double[] save() {
      double[] saved = Arrays.copyOf(counts, 2 * BUCKETS);
      System.arraycopy(sums, 0, saved, BUCKETS, BUCKETS);
      return saved;
    }

    void add(double tokens, boolean atLimit) {
      for (int i = 0; i < BUCKETS; i++) {
        counts[i] *= FADE;
        sums[i] *= FADE;
      }
      int bucket = bucket(tokens);
      counts[bucket]++;
      sums[bucket] += tokens;
      mean = Double.NaN;
      total = total * FADE + 1;
      limited = limited * FADE + (atLimit ? 1 : 0);
    }

    private static int bucket(double tokens) {
      return tokens <= 1
          ? 0
          : (int) Math.min(BUCKETS - 1.0, Math.floor(Math.log(tokens) / LOG_STEP));
    }

    private static double start(int bucket) {
      return STARTS[bucket];
    }

    double meanAbove(double written) {
      if (written > 0) {
        return workOut(written);
      }
      if (Double.isNaN(mean)) {
        mean = workOut(0);
      }
      return mean;
    }

    /// Within the bucket that `written` is in, lengths are taken as spread evenly.
    private double workOut(double written) {
      double weight = 0;
      double sum = 0;
      int first = written <= 0 ? 0 : bucket(written);
      for (int i = first; i < BUCKETS; i++) {
        if (counts[i] == 0) {
          continue;
        }
        double mean = sums[i] / counts[i];
        double share = 1;
        if (written > start(i)) {
          double from = start(i);
          double to = from * STEP;
          share = Math.max(0, (to - written) / (to - from));
          mean = Math.max(mean, (written + to) / 2);
        }
        weight += counts[i] * share;
        sum += counts[i] * share * mean;
      }
      return weight < 1e-9 * Math.max(1, total)
          ? Math.max(1, OVERRUN * written)
          : Math.max(1, sum / weight);
    }
  }
}
