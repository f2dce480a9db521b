package dev.tutti.dispatch.predict;

import dev.tutti.core.ModelName;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Whether predictions are worth anything: for each model, their errors over the last tasks against
/// the errors of who always says the running median. Owner loop only.
public final class Honesty {
  /// Tasks looked back at.
  public static final int WINDOW = 200;

  /// Durations from which the median is made before it counts.
  private static final int ENOUGH = 20;

  /// The most models remembered; the one unused for longest goes first.
  private static final int MAX_MODELS = 1_024;

  /// Predictions must be so much worse to count as worse, so that equal ones stay.
  private static final double WORSE = 1.1;

  private static final double WORSE_MILLIS = 5;

  private final Map<ModelName, Track> tracks =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ModelName, Track> eldest) {
          return size() > MAX_MODELS;
        }
      };

  /// A task took so long, and had been expected to take so long, once it had a slot.
  public void add(ModelName model, double expectedMillis, double millis) {
    tracks.computeIfAbsent(model, _ -> new Track()).add(expectedMillis, millis);
  }

  /// Whether the median has done better than our predictions over the whole window.
  public boolean isBeaten(ModelName model) {
    Track track = tracks.get(model);
    return track != null && track.beaten;
  }

  /// How the predictions came out.
  public Verdict of(ModelName model) {
    Track track = tracks.get(model);
    return track == null ? Verdict.NONE : track.figures();
  }

  /// Errors in milliseconds: half of them are smaller than the first, nine in ten smaller than the
  /// second.
  ///
  /// @param tasks how many tasks they are from
  /// @param half of our predictions
  /// @param most of our predictions
  /// @param baseHalf of the running median
  /// @param baseMost of the running median
  /// @param beaten whether the running median does better, so that it is not predicted for now
  public record Verdict(
      int tasks, double half, double most, double baseHalf, double baseMost, boolean beaten) {
    /// Nothing is known.
    public static final Verdict NONE = new Verdict(0, 0, 0, 0, 0, false);
  }

  private static final class Track {
    private final double[] durations = new double[WINDOW];
    private final double[] errors = new double[WINDOW];
    private final double[] baseErrors = new double[WINDOW];
    private int seen;
    private int judged;
    boolean beaten;

    void add(double expected, double actual) {
      if (seen >= ENOUGH) {
        int i = judged % WINDOW;
        errors[i] = Math.abs(expected - actual);
        baseErrors[i] = Math.abs(quantile(durations, seen, 0.5) - actual);
        judged++;
        if (judged >= WINDOW && judged % ENOUGH == 0) {
          double ours = quantile(errors, judged, 0.5);
          beaten = ours > WORSE * quantile(baseErrors, judged, 0.5) + WORSE_MILLIS;
        }
      }
      durations[seen % WINDOW] = actual;
      seen++;
    }

    Verdict figures() {
      return judged == 0
          ? Verdict.NONE
          : new Verdict(
              Math.min(judged, WINDOW),
              quantile(errors, judged, 0.5),
              quantile(errors, judged, 0.9),
              quantile(baseErrors, judged, 0.5),
              quantile(baseErrors, judged, 0.9),
              beaten);
    }

    private static double quantile(double[] ring, int written, double share) {
      double[] sorted = Arrays.copyOf(ring, Math.min(written, WINDOW));
      Arrays.sort(sorted);
      return sorted[(int) Math.round(share * (sorted.length - 1))];
    }
  }
}
