package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How long a task will wait: plays the queue forward over the slots. Owner loop only.
///
/// An attempt's length is learned for each backend and model. Where nothing has finished yet, it is
/// reckoned from the pace of the streams that run now and from the client's own limit. A stream
/// that says nothing either gets a cautious default, and the estimate says that it is one.
final class Estimator<W, E> {
  /// Pieces of an answer when neither the client nor experience says.
  static final int PRIOR_EVENTS = 256;

  /// An attempt's length when nothing at all is known.
  static final Duration UNKNOWN_ATTEMPT = Duration.ofSeconds(10);

  /// The wait when nobody who could answer takes work.
  static final Duration UNKNOWN_WAIT = Duration.ofSeconds(30);

  /// A slot that is neither free nor in use is about to come back.
  private static final double RETURNING_MILLIS = 200;

  private static final double LEAST_MILLIS = 10;
  private static final double LIKELY = 0.5;
  private static final double CAUTIOUS = 0.9;

  /// How much longer than expected an answer is thought to go on that is longer than expected.
  private static final double OVERRUN = 0.25;

  private final Floor<W, E> floor;
  private final Speeds speeds;

  Estimator(Floor<W, E> floor, Speeds speeds) {
    this.floor = floor;
    this.speeds = speeds;
  }

  /// The wait of a task that may run in `places` but for those `tried`, behind the tasks `ahead`,
  /// which are in order.
  WaitEstimate estimate(Fit.Places places, Set<BackendId> tried, List<Job<W, E>> ahead, long now) {
    Forecast likely = new Play(now, LIKELY).forecast(places, tried, ahead);
    Forecast cautious = new Play(now, CAUTIOUS).forecast(places, tried, ahead);
    double least = Math.max(likely.millis, cautious.millis);
    return new WaitEstimate(
        duration(likely.millis), duration(likely.learned ? least : 2 * least), likely.learned);
  }

  private static Duration duration(double millis) {
    return Duration.ofNanos(Math.round(Math.max(millis, LEAST_MILLIS) * 1e6));
  }

  private static double expectedEvents(
      Speeds.@Nullable History history, int limit, double quantile) {
    if (history == null) {
      return limit > 0 ? limit : PRIOR_EVENTS;
    }
    if (limit > 0 && history.runsToLimit()) {
      return limit;
    }
    double learned = history.events(quantile);
    return limit > 0 ? Math.min(limit, learned) : learned;
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }

  private record Forecast(double millis, boolean learned) {}

  /// One play of the queue over the slots, with every unknown at one quantile.
  private final class Play {
    private final long now;
    private final double quantile;

    /// When each slot of a backend is free, in milliseconds from now.
    private final Map<BackendId, PriorityQueue<Double>> lines = new HashMap<>();

    /// The backends of which something had to be guessed.
    private final Set<BackendId> guessed = new HashSet<>();

    Play(long now, double quantile) {
      this.now = now;
      this.quantile = quantile;
    }

    Forecast forecast(Fit.Places places, Set<BackendId> tried, List<Job<W, E>> ahead) {
      for (Job<W, E> job : ahead) {
        if (floor.index().fit(job.shape) instanceof Fit.Places fit) {
          Fit.Place place = earliest(fit, job.tried);
          if (place != null) {
            PriorityQueue<Double> line = line(place);
            line.add(line.remove() + length(place, job.task.outputLimit()));
          }
        }
      }
      Fit.Place place = earliest(places, tried);
      return place == null
          ? new Forecast(UNKNOWN_WAIT.toMillis(), false)
          : new Forecast(line(place).element(), !guessed.contains(place.backend().id()));
    }

    private Fit.@Nullable Place earliest(Fit.Places fit, Set<BackendId> tried) {
      Fit.Place best = null;
      double bestStart = Double.MAX_VALUE;
      for (Fit.Place place : fit.live()) {
        if (tried.contains(place.backend().id())) {
          continue;
        }
        double start = line(place).element();
        if (start < bestStart) {
          best = place;
          bestStart = start;
        }
      }
      return best;
    }

    private PriorityQueue<Double> line(Fit.Place place) {
      return lines.computeIfAbsent(place.backend().id(), _ -> newLine(place));
    }

    private PriorityQueue<Double> newLine(Fit.Place place) {
      var line = new PriorityQueue<Double>();
      Desk<W, E> desk = floor.desk(place.backend().id());
      if (desk != null) {
        double rest = desk.resting ? DispatchLimits.REST.toMillis() : 0;
        for (int i = 0; i < desk.free(); i++) {
          line.add(rest);
        }
        for (Run<W, E> run : desk.runs) {
          line.add(remaining(run));
        }
      }
      while (line.size() < Math.max(1, place.backend().slots())) {
        line.add(RETURNING_MILLIS);
      }
      return line;
    }

    /// Milliseconds until a running attempt is over.
    private double remaining(Run<W, E> run) {
      int limit = run.job.task.outputLimit();
      Speeds.History history = speeds.of(run.desk.id, run.assignment.model());
      if (run.events >= 2) {
        double expected = expectedEvents(history, limit, quantile);
        double left = expected > run.events ? expected - run.events : OVERRUN * run.events;
        return Math.max(
            left * run.perEventMillis() - millis(now - run.lastNanos), run.perEventMillis());
      }
      double elapsed = millis(now - run.startedNanos);
      double length = length(run.desk.id, run.assignment.model(), history, limit);
      return length > elapsed ? length - elapsed : OVERRUN * elapsed;
    }

    private double length(Fit.Place place, int limit) {
      BackendId id = place.backend().id();
      ModelName model = place.model().name();
      return length(id, model, speeds.of(id, model), limit);
    }

    /// Milliseconds a whole attempt takes.
    private double length(
        BackendId id, ModelName model, Speeds.@Nullable History history, int limit) {
      if (history != null) {
        double pace = history.perEventMillis(quantile);
        return pace < 0
            ? history.totalMillis(quantile)
            : history.firstMillis(quantile) + pace * expectedEvents(history, limit, quantile);
      }
      Run<W, E> example = example(id, model);
      if (example == null) {
        guessed.add(id);
        return UNKNOWN_ATTEMPT.toMillis();
      }
      return millis(example.firstNanos - example.startedNanos)
          + example.perEventMillis() * expectedEvents(null, limit, quantile);
    }

    /// Of the streams running there with that model, the one that has shown the most.
    private @Nullable Run<W, E> example(BackendId id, ModelName model) {
      Desk<W, E> desk = floor.desk(id);
      Run<W, E> best = null;
      if (desk != null) {
        for (Run<W, E> run : desk.runs) {
          boolean tells = run.events >= 2 && run.assignment.model().equals(model);
          if (tells && (best == null || run.events > best.events)) {
            best = run;
          }
        }
      }
      return best;
    }
  }
}
