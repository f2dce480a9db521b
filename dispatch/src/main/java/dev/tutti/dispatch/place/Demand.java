package dev.tutti.dispatch.place;

import dev.tutti.core.ModelName;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// How much each model is asked for: tasks and their tokens, of which the older count less and
/// less. Owner loop only.
public final class Demand {
  /// In this time what was asked for counts half.
  public static final Duration HALVES_IN = Duration.ofHours(12);

  /// Whoever counts only since just now does not take the first tasks for a steady stream: rates
  /// are means over this time at least.
  public static final Duration SHORTEST = Duration.ofHours(1);

  /// The most models remembered; the one asked for longest ago goes first.
  public static final int MAX_MODELS = 512;

  private static final String PREFIX = "demand\n";
  private static final int SAVED = 4;
  private static final String SINCE = PREFIX + "\nsince";
  private static final double SECONDS_PER_HOUR = 3_600;

  /// The time in which a fading sum of a steady rate becomes as large as that rate.
  private static final double FADE_SECONDS = HALVES_IN.toSeconds() / Math.log(2);

  private final Map<ModelName, Sum> sums =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ModelName, Sum> eldest) {
          return size() > MAX_MODELS;
        }
      };

  /// Since when it is counted, in seconds of the epoch: the same for all models, so that one that
  /// is asked for only now does not seem to be asked for always.
  private double since = Double.MAX_VALUE;

  /// A model was asked for.
  ///
  /// @param promptTokens tokens that had to be read, 0 when nobody told
  /// @param outputTokens tokens that were written, 0 when nobody told
  public void asked(ModelName model, int promptTokens, int outputTokens, Instant now) {
    double at = seconds(now);
    if (since == Double.MAX_VALUE) {
      since = at;
    }
    Sum sum = sums.computeIfAbsent(model, _ -> new Sum(at));
    sum.fade(at);
    sum.tasks++;
    sum.promptTokens += promptTokens;
    sum.outputTokens += outputTokens;
  }

  /// What each model is asked for now.
  public Map<ModelName, Need> needs(Instant now) {
    double at = seconds(now);
    var needs = new LinkedHashMap<ModelName, Need>();
    sums.forEach((model, sum) -> needs.put(model, sum.need(at, at - since)));
    return needs;
  }

  /// Everything, as rows of numbers under names.
  public Map<String, double[]> save() {
    var rows = new LinkedHashMap<String, double[]>();
    if (!sums.isEmpty()) {
      rows.put(SINCE, new double[] {since});
    }
    sums.forEach((model, sum) -> rows.put(PREFIX + model, sum.save()));
    return rows;
  }

  /// Goes on from what was saved. Rows of others, and what cannot be read, are left out.
  public void restore(Map<String, double[]> rows) {
    rows.forEach((name, row) -> {
      if (name.equals(SINCE) && row.length == 1) {
        since = Math.min(since, row[0]);
      } else if (name.startsWith(PREFIX)
          && row.length == SAVED
          && name.length() > PREFIX.length()) {
        try {
          sums.put(new ModelName(name.substring(PREFIX.length())), Sum.restore(row));
        } catch (IllegalArgumentException _) {
          // It was written by somebody who knew other names.
        }
      }
    });
  }

  private static double seconds(Instant now) {
    return now.toEpochMilli() / 1e3;
  }

  /// What a model is asked for.
  ///
  /// @param perHour tasks in an hour
  /// @param promptTokens tokens that are read for one, in the mean
  /// @param outputTokens tokens that are written for one, in the mean
  /// @param idle since it was asked for last
  public record Need(double perHour, double promptTokens, double outputTokens, Duration idle) {
    /// Nobody asks for it.
    public static final Need NONE = new Need(0, 0, 0, Duration.ofDays(365));
  }

  private static final class Sum {
    private double last;
    private double tasks;
    private double promptTokens;
    private double outputTokens;

    Sum(double last) {
      this.last = last;
    }

    void fade(double now) {
      double share = share(now);
      tasks *= share;
      promptTokens *= share;
      outputTokens *= share;
      last = Math.max(last, now);
    }

    /// What is left of the sums now. A clock that was set back changes nothing.
    private double share(double now) {
      return Math.exp(-Math.max(0, now - last) / FADE_SECONDS);
    }

    Need need(double now, double counted) {
      double age = Math.max((double) SHORTEST.toSeconds(), counted);
      double seen = FADE_SECONDS * -Math.expm1(-age / FADE_SECONDS);
      double each = Math.max(tasks, 1e-9);
      return new Need(
          tasks * share(now) / seen * SECONDS_PER_HOUR,
          promptTokens / each,
          outputTokens / each,
          Duration.ofMillis(Math.round(Math.max(0, now - last) * 1e3)));
    }

    double[] save() {
      return new double[] {last, tasks, promptTokens, outputTokens};
    }

    static Sum restore(double[] row) {
      var sum = new Sum(row[0]);
      sum.tasks = Math.max(0, row[1]);
      sum.promptTokens = Math.max(0, row[2]);
      sum.outputTokens = Math.max(0, row[3]);
      return sum;
    }
  }
}
