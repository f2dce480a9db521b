package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was learned of how fast each backend answers with each model. Owner loop only.
///
/// It remembers the last {@value #WINDOW} answers and looks at their quantiles, so one odd answer
/// changes little and an engine that became slower is known as slow soon.
final class Speeds {
  /// Answers remembered for each backend and model.
  static final int WINDOW = 32;

  /// The most pairs of backend and model remembered; the one unused for longest goes first.
  static final int MAX_PAIRS = 4_096;

  /// From this share of its limit on, an answer counts as ended by the limit.
  private static final double AT_LIMIT = 0.9;

  private final Map<Pair, History> histories =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Pair, History> eldest) {
          return size() > MAX_PAIRS;
        }
      };

  void learn(Run<?, ?> run, long now) {
    var pair = new Pair(run.desk.id, run.assignment.model());
    histories.computeIfAbsent(pair, _ -> new History()).add(run, now);
  }

  @Nullable History of(BackendId backend, ModelName model) {
    return histories.get(new Pair(backend, model));
  }

  private record Pair(BackendId backend, ModelName model) {}

  /// The last answers of one pair.
  static final class History {
    private final double[] totalMillis = new double[WINDOW];
    private final double[] firstMillis = new double[WINDOW];
    private final double[] perEventMillis = new double[WINDOW];
    private final double[] events = new double[WINDOW];
    private final boolean[] limited = new boolean[WINDOW];
    private int count;
    private int next;

    private void add(Run<?, ?> run, long now) {
      double total = millis(now - run.startedNanos);
      totalMillis[next] = total;
      events[next] = run.events;
      firstMillis[next] = run.events == 0 ? total : millis(run.firstNanos - run.startedNanos);
      perEventMillis[next] = run.events < 2 ? -1 : run.perEventMillis();
      int limit = run.job.task.outputLimit();
      limited[next] = limit > 0 && run.events >= AT_LIMIT * limit;
      next = (next + 1) % WINDOW;
      count = Math.min(count + 1, WINDOW);
    }

    double totalMillis(double quantile) {
      return quantile(totalMillis, quantile);
    }

    double firstMillis(double quantile) {
      return quantile(firstMillis, quantile);
    }

    /// Milliseconds between two pieces; negative when its answers come in one piece.
    double perEventMillis(double quantile) {
      return quantile(perEventMillis, quantile);
    }

    double events(double quantile) {
      return quantile(events, quantile);
    }

    /// Whether its answers mostly went on until a limit ended them, so that a larger limit means a
    /// longer answer.
    boolean runsToLimit() {
      int hits = 0;
      for (int i = 0; i < count; i++) {
        hits += limited[i] ? 1 : 0;
      }
      return 2 * hits >= count;
    }

    private double quantile(double[] values, double quantile) {
      double[] sorted = Arrays.copyOf(values, count);
      Arrays.sort(sorted);
      return sorted[(int) Math.min(count - 1L, Math.round(quantile * (count - 1)))];
    }

    private static double millis(long nanos) {
      return nanos / 1e6;
    }
  }
}
