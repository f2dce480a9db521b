package dev.tutti.dispatch;

import static dev.tutti.dispatch.Candidate.Match.LESSER;

import dev.tutti.core.BackendId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// Plays the queue forward over the slots: who goes where, and when. Owner loop only; changes
/// nothing.
///
/// Tasks are taken in the queue's order, and each takes the place where it is expected to be at its
/// end first, with those before it already in theirs. So a task waits for a fast engine rather than
/// start on a slow one, until those before it have made the wait for the fast one too long.
final class Planner<W, E> {
  /// So many tasks from the head of the queue are looked at for places that are free now: so many
  /// before it in line make any wait too long.
  static final int LOOKAHEAD = 128;

  /// By how much waiting must be better than starting now, in milliseconds: a slot in the hand is
  /// worth more than a forecast.
  private static final double WORTH_WAITING = 200;

  /// Who was told to wait for a better place, and still waits, believes less and less that it is
  /// worth it: the time that it has waited counts against waiting on, but never more than this
  /// share of what it takes in all. In a long queue everybody has waited, and a slow engine is no
  /// better for that.
  private static final double IMPATIENCE = 0.7;

  /// A task that is expected to take less than this where nothing was measured yet may find out, in
  /// milliseconds.
  private static final double PROBE_MILLIS = 15_000;

  /// So much of the time that is expected there counts then.
  private static final double PROBE_COUNTS = 0.3;

  /// What a millisecond counts by which others on the same engine become later, where places are
  /// compared: less than one's own, since it is their forecast that is least sure.
  private static final double HARM = 0.6;

  /// The same where moments in one place are compared: others are in the way there sooner or later,
  /// and whoever waits for them to end leaves the engine half used.
  private static final double HARM_NOW = 0.25;

  /// What a millisecond counts, where moments are compared, that the first token comes later: who
  /// reads along is served from then on.
  private static final double FIRST = 0.1;

  /// The most moments that are tried in one place.
  private static final int MOST_MOMENTS = 16;

  private final Floor<W, E> floor;
  private final Outlook<W, E> outlook;
  private final Shortlist<W, E> shortlist;

  Planner(Floor<W, E> floor, Outlook<W, E> outlook) {
    this.floor = floor;
    this.outlook = outlook;
    this.shortlist = new Shortlist<>(floor);
  }

  /// A new play, as things stand now.
  Play play(long now) {
    return new Play(now);
  }

  /// What a task is expected to find.
  ///
  /// @param place where it goes
  /// @param startsNow whether there is a slot for it now
  /// @param places how many places it was chosen from
  /// @param learned whether the wait rests on anything that was seen
  record Step(
      Fit.Place place, Prediction prediction, boolean startsNow, int places, boolean learned) {}

  /// One play of the queue.
  final class Play {
    private final long now;
    private final Map<BackendId, Line<W, E>> lines = new HashMap<>();

    private Play(long now) {
      this.now = now;
    }

    /// The next task in the order takes its place; null when nobody takes work who could answer.
    @Nullable Step next(Job<W, E> job) {
      Step step =
          floor.index().fit(job.shape) instanceof Fit.Places places
              ? look(job.task, places, job.tried, job.queuedNanos(now) / 1e6, false)
              : null;
      if (step != null) {
        Line<W, E> line = line(step.place());
        line.take(step.prediction());
      }
      return step;
    }

    /// Where the task would go, without taking the place.
    @Nullable Step look(Task<W> task, Shape shape, Set<BackendId> tried) {
      return floor.index().fit(shape) instanceof Fit.Places places
          ? look(task, places, tried, 0, false)
          : null;
    }

    /// Where the task would go if it must start now; null when there is no free place.
    @Nullable Step lookNow(Job<W, E> job) {
      return floor.index().fit(job.shape) instanceof Fit.Places places
          ? look(job.task, places, job.tried, 0, true)
          : null;
    }

    /// What the task needs in that place, whoever takes it.
    Prediction in(Fit.Place place, Task<W> task) {
      Line<W, E> line = line(place);
      double wait = line.first();
      return outlook.in(
          place,
          outlook.demand(task, place.model().name()),
          wait,
          line.company(wait),
          line.stretch);
    }

    private @Nullable Step look(
        Task<W> task, Fit.Places places, Set<BackendId> tried, double waited, boolean onlyOpen) {
      if (places.live().isEmpty()) {
        return null;
      }
      var demand = outlook.demand(task, places.live().getFirst().model().name());
      boolean blind = !floor.strategy().waits() || outlook.isBeaten(task.model());
      List<Fit.Place> some = shortlist.of(places, demand.match());
      var search = new Search(some, tried, demand, !blind && places.alike());
      Fit.Place best = null;
      Prediction bestPrediction = null;
      double bestScore = Double.POSITIVE_INFINITY;
      for (Fit.Place place = search.next(bestScore);
          place != null;
          place = search.next(bestScore)) {
        Line<W, E> line = line(place);
        if (onlyOpen && !line.isOpen()) {
          continue;
        }
        Prediction prediction = predict(place, demand, line, onlyOpen || blind);
        if (bestPrediction == null
            || isBetter(place, prediction, best, bestPrediction, waited, blind)) {
          best = place;
          bestPrediction = prediction;
          bestScore = score(prediction, waited);
        }
      }
      return best == null || bestPrediction == null
          ? null
          : new Step(
              best,
              bestPrediction,
              bestPrediction.waitMillis() <= 0 && line(best).isOpen(),
              search.count,
              line(best).learned);
    }

    /// The best moment to start in that place: as soon as there is a slot, or when one of those who
    /// share the engine has come to its end.
    private Prediction predict(
        Fit.Place place, Outlook.Demand demand, Line<W, E> line, boolean atOnce) {
      double first = line.first();
      Prediction best = outlook.in(place, demand, first, line.company(first), line.stretch);
      if (atOnce) {
        return best;
      }
      for (int i = 1; i < Math.min(line.slots(), MOST_MOMENTS); i++) {
        double at = line.freeAt(i);
        if (at > first && at < best.endMillis()) {
          Prediction later = outlook.in(place, demand, at, line.company(at), line.stretch);
          if (moment(later) < moment(best) - (best.waitMillis() > 0 ? 0 : WORTH_WAITING)) {
            best = later;
          }
        }
      }
      return best;
    }

    /// What counts when places are compared.
    ///
    /// @param waited how long the task has waited already, in milliseconds
    private static double score(Prediction p, double waited) {
      if (p.waitMillis() > 0) {
        double impatience = Math.min(waited, IMPATIENCE * p.endMillis());
        return p.endMillis() + HARM * p.harmMillis() + WORTH_WAITING + impatience;
      }
      if (!p.measured() && p.endMillis() < PROBE_MILLIS) {
        return PROBE_COUNTS * p.endMillis();
      }
      return p.endMillis() + HARM * p.harmMillis();
    }

    /// What counts when moments in one place are compared: writing together with others saves the
    /// engine time that everybody after will have.
    private static double moment(Prediction p) {
      return p.endMillis() + FIRST * p.firstMillis() + HARM_NOW * p.harmMillis() - p.savedMillis();
    }

    /// Whether a model that is not the preferred one does instead: it has answered before the
    /// preferred one is free.
    private static boolean overtakes(Prediction lesser, Prediction preferred, boolean blind) {
      return (blind ? lesser.waitMillis() : lesser.endMillis()) < preferred.waitMillis();
    }

    /// @param blind whether the slots alone decide: where predictions are not asked for, or have
    ///   not been worth it
    private boolean isBetter(
        Fit.Place place,
        Prediction prediction,
        Fit.@Nullable Place best,
        Prediction bestSoFar,
        double waited,
        boolean blind) {
      int match = best == null ? -1 : place.match().compareTo(best.match());
      if (match != 0) {
        if (best == null || (place.match() != LESSER && best.match() != LESSER)) {
          return match < 0;
        }
        return match < 0
            ? !overtakes(bestSoFar, prediction, blind)
            : overtakes(prediction, bestSoFar, blind);
      }
      if (!blind || best == null) {
        return score(prediction, waited) < score(bestSoFar, waited);
      }
      int wait = Double.compare(prediction.waitMillis(), bestSoFar.waitMillis());
      return wait != 0 ? wait < 0 : line(place).busy() < line(best).busy();
    }

    /// Who shares the engine at that time, in milliseconds from now.
    Company company(Fit.Place place, double at) {
      return line(place).company(at);
    }

    private Line<W, E> line(Fit.Place place) {
      return lines.computeIfAbsent(
          place.backend().id(), _ -> new Line<>(floor, outlook, place, now));
    }
  }

  /// Places one after the other, those first where a task would be done soonest if it had them to
  /// itself: as soon as one is found that is better than that, the others need no look.
  private final class Search {
    private final List<Fit.Place> places;

    /// What each place scores at the least; not a number once it is looked at, or must not be.
    private final double[] least;

    private final boolean mayEndEarly;

    /// How many there are to choose from.
    final int count;

    /// @param mayEndEarly whether the score alone decides
    Search(
        List<Fit.Place> places, Set<BackendId> tried, Outlook.Demand demand, boolean mayEndEarly) {
      this.places = places;
      this.mayEndEarly = mayEndEarly;
      this.least = new double[places.size()];
      int here = 0;
      for (int i = 0; i < least.length; i++) {
        Fit.Place place = places.get(i);
        Desk<W, E> desk = floor.desk(place.backend().id());
        if (desk == null || desk.engine == null || desk.retiring || tried.contains(desk.id)) {
          least[i] = Double.NaN;
          continue;
        }
        here++;
        if (mayEndEarly) {
          least[i] = outlook.least(place, demand, desk.stretch(), PROBE_COUNTS);
        }
      }
      count = here;
    }

    /// The next one that may be better than what scores so much; null when there is none.
    Fit.@Nullable Place next(double score) {
      int next = -1;
      for (int i = 0; i < least.length; i++) {
        if (!Double.isNaN(least[i]) && (next < 0 || least[i] < least[next])) {
          next = i;
        }
      }
      if (next < 0 || (mayEndEarly && least[next] >= score)) {
        return null;
      }
      least[next] = Double.NaN;
      return places.get(next);
    }
  }

  /// The tasks that do best to start now, in order, with their places.
  Plan<W, E> plan(SortedSet<Job<W, E>> inOrder, long now) {
    var starts = new ArrayList<Start<W, E>>();
    int open = floor.openSlots(inOrder.size());
    double soonest = Double.MAX_VALUE;
    Play play = play(now);
    int seen = 0;
    for (Job<W, E> job : inOrder) {
      if (open == 0 || ++seen > LOOKAHEAD) {
        break;
      }
      Step step = play.next(job);
      if (step == null) {
        continue;
      }
      if (step.startsNow()) {
        starts.add(new Start<>(job, step));
        open--;
      } else {
        soonest = Math.min(soonest, step.prediction().waitMillis());
      }
    }
    return new Plan<>(starts, open > 0 && soonest < Double.MAX_VALUE ? soonest : -1);
  }

  /// What to do now.
  ///
  /// @param heldMillis when the first of those that would rather wait is expected to start, while
  ///   there are free slots; negative when nobody waits by choice
  record Plan<W, E>(List<Start<W, E>> starts, double heldMillis) {}

  /// A task that starts now.
  record Start<W, E>(Job<W, E> job, Step step) {}
}
