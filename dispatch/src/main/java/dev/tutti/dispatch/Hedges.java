package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Second attempts beside first ones whose answer is late, for work that is cheap to do twice:
/// embeddings and classifications. Whichever begins to answer first is the task's, the other one is
/// stopped. Off unless the owner wants it. Owner loop only.
///
/// Late is who takes longer than 19 in 20 of the last such tasks did. A second attempt is made only
/// on another machine, that has the model in memory and a slot that nobody waits for, and for at
/// most {@link #SHARE} of all such tasks.
final class Hedges<W, E> {
  /// The most second attempts, as a share of the tasks that could have one.
  static final double SHARE = 0.02;

  /// The most second attempts that are saved up in quiet times.
  static final double MOST_SAVED = 3;

  /// Tasks of one kind whose times are remembered.
  static final int WINDOW = 200;

  /// From so many of them on it is known what is late.
  static final int ENOUGH = 20;

  /// The most kinds remembered, each a type of task with a model; the one unused for longest goes
  /// first.
  static final int MAX_KINDS = 256;

  private static final double USUAL = 0.95;

  private final Time time;
  private final Floor<W, E> floor;
  private final Outlook<W, E> outlook;
  private final Consumer<Run<W, E>> late;
  private final Map<Kind, Times> kinds =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, Times> eldest) {
          return size() > MAX_KINDS;
        }
      };
  private double saved;
  private boolean wanted;

  /// @param late hears of each attempt that is late
  Hedges(Time time, Floor<W, E> floor, Outlook<W, E> outlook, Consumer<Run<W, E>> late) {
    this.time = time;
    this.floor = floor;
    this.outlook = outlook;
    this.late = late;
  }

  /// Whether there are to be second attempts from now on.
  void want(boolean second) {
    wanted = second;
  }

  /// A task's own attempt has begun.
  void begun(Run<W, E> run) {
    // Only first attempts: after a failure the task is looked after already.
    Job<W, E> job = run.job;
    boolean may = job.attempts == 1 && job.task.pin().isEmpty() && isCheap(job.task.type());
    if (!wanted || run.ended || !may) {
      return;
    }
    saved = Math.min(MOST_SAVED, saved + SHARE);
    Times times = kinds.get(Kind.of(run));
    if (times != null && times.known >= ENOUGH) {
      // Who takes just as long as others did is not late.
      Duration until = Duration.ofNanos(times.quantile(USUAL) + 1);
      run.late = time.after(until, () -> late.accept(run));
    }
  }

  private static boolean isCheap(TaskType type) {
    return type == TaskType.EMBED || type == TaskType.CLASSIFY;
  }

  /// An attempt brings its first piece, or its end without any.
  void answered(Run<W, E> run) {
    ended(run);
    Run<W, E> first = run.job.run;
    if (wanted && first != null && isCheap(run.job.task.type())) {
      kinds.computeIfAbsent(Kind.of(run), _ -> new Times()).add(time.nanos() - first.startedNanos);
    }
  }

  /// An attempt is over.
  void ended(Run<W, E> run) {
    Time.Timer timer = run.late;
    if (timer != null) {
      timer.cancel();
      run.late = null;
    }
  }

  /// Who is asked as well, if anybody can be.
  ///
  /// @param waiting how many tasks wait for slots
  Optional<Floor.Choice<W, E>> second(Run<W, E> first, int waiting) {
    Job<W, E> job = first.job;
    if (!wanted || first.ended || first.events > 0 || job.rival != null || waiting > 0) {
      return Optional.empty();
    }
    if (saved < 1 || !(floor.index().fit(job.shape) instanceof Fit.Places places)) {
      return Optional.empty();
    }
    Optional<Floor.Choice<W, E>> choice = soonest(first, places);
    choice.ifPresent(_ -> saved--);
    return choice;
  }

  private Optional<Floor.Choice<W, E>> soonest(Run<W, E> first, Fit.Places places) {
    Fit.Place best = null;
    Desk<W, E> bestDesk = null;
    Prediction bestPrediction = Prediction.NONE;
    int count = 0;
    for (Fit.Place place : places.live()) {
      Desk<W, E> desk = floor.desk(place.backend().id());
      if (desk == null || !isIdle(place, desk) || !isSameElsewhere(place, first)) {
        continue;
      }
      count++;
      Prediction prediction = outlook.alone(place, first.job.task, desk);
      if (best == null || prediction.endMillis() < bestPrediction.endMillis()) {
        best = place;
        bestDesk = desk;
        bestPrediction = prediction;
      }
    }
    return best == null || bestDesk == null
        ? Optional.empty()
        : Optional.of(
            new Floor.Choice<>(
                floor.candidate(best, bestDesk, bestPrediction),
                bestDesk,
                best,
                bestPrediction,
                count));
  }

  private boolean isIdle(Fit.Place place, Desk<W, E> desk) {
    return place.loaded() && desk.isOpen() && floor.usable(place, desk) > 0;
  }

  /// The same model on another machine.
  private static boolean isSameElsewhere(Fit.Place place, Run<?, ?> first) {
    String identity = first.place.model().identity();
    return !place.node().id().equals(first.assignment.node())
        && place.model().name().equals(first.assignment.model())
        && place.model().identity().equals(identity);
  }

  private record Kind(TaskType type, ModelName model) {
    static Kind of(Run<?, ?> run) {
      return new Kind(run.job.task.type(), run.assignment.model());
    }
  }

  /// How long the last tasks of a kind took to begin to answer, in nanoseconds.
  private static final class Times {
    private final long[] last = new long[WINDOW];
    private int known;
    private int next;

    void add(long nanos) {
      last[next] = nanos;
      next = (next + 1) % WINDOW;
      known = Math.min(WINDOW, known + 1);
    }

    long quantile(double share) {
      long[] sorted = Arrays.copyOf(last, known);
      Arrays.sort(sorted);
      return sorted[(int) Math.ceil(share * known) - 1];
    }
  }
}
