package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A task on its way: where it is and what it has been through. Owner loop only.
final class Job<W, E> {
  /// Higher priority first, then whose turn it is, then who must start earliest, then who came
  /// first.
  static final Comparator<Job<?, ?>> ORDER =
      Comparator.<Job<?, ?>>comparingInt(job -> -job.task.priority())
          .thenComparingDouble(job -> job.turn)
          .thenComparingLong(job -> job.deadline)
          .thenComparingLong(job -> job.arrival);

  /// The work of an ordinary task: who asks for as much should start within half its time to wait.
  private static final double USUAL_WORK = 300;

  final Task<W> task;
  final TaskListener<E> listener;
  final Continuable<W> continuable;
  final long arrival;
  final Instant submittedAt;
  final long submittedNanos;

  /// Where it may run; narrower once its answer has begun.
  Shape shape;

  /// What is still to be done of an answer that broke off.
  Continuable.@Nullable Rest<W> rest;

  /// When it should have started, in nanoseconds of {@link Time}: within its time to wait, and the
  /// earlier the less it asks for, so that a short question is not stuck behind a long document.
  final long deadline;

  /// What it is worth in fairness, see {@link Outlook#work}.
  final double work;

  /// Its turn among those of the same priority; see {@link WaitingQueue}.
  double turn;

  /// How long it was thought to wait when it came to the queue; null when nobody asked.
  @Nullable WaitEstimate foreseen;

  /// Whether newest went first when that was thought.
  boolean foreseenNewestFirst;

  /// What is held in memory for it, in bytes.
  final long bytes;

  Stage stage = Stage.DECIDING;

  /// Time spent in the queue before the present stay.
  long queuedNanos;

  long queuedSince;
  boolean wasQueued;
  Time.@Nullable Timer expiry;
  int attempts;
  Set<BackendId> tried = Set.of();

  /// Whether every failure so far was an engine that was not there or would not take it.
  boolean onlyRefused = true;

  /// What names the content of the model that answers; empty when nobody knows.
  String identity = "";

  /// Empty until somebody had to know.
  private String likeness = "";

  /// Whether it holds a part of the budget for work that is done again.
  boolean mayRepeat;

  boolean written;
  boolean paused;

  /// Whether its reader was ever slower than the engine.
  boolean wasPaused;

  /// The present attempt, or the last one.
  @Nullable Run<W, E> run;

  /// An attempt beside it that may overtake it; see {@link Hedges}.
  @Nullable Run<W, E> rival;

  Job(
      Task<W> task,
      TaskListener<E> listener,
      Continuable<W> continuable,
      long arrival,
      double work,
      Time time) {
    this.task = task;
    this.listener = listener;
    this.continuable = continuable;
    this.shape = Shape.of(task);
    this.arrival = arrival;
    this.submittedAt = time.now();
    this.submittedNanos = time.nanos();
    this.deadline = submittedNanos + (long) (task.ttl().toNanos() * (work / (work + USUAL_WORK)));
    this.work = work;
    this.bytes = listener.heldBytes();
  }

  /// What it has in common with others that ask for the same; empty for what is like nothing else.
  String likeness(Function<W, String> of) {
    if (likeness.isEmpty()) {
      likeness = of.apply(task.work());
    }
    return likeness;
  }

  /// How far apart its asker's turns are for it: the work over the asker's share.
  double toll() {
    return work / task.licence().weight();
  }

  /// A task that nobody has submitted.
  static <W, E> Job<W, E> imagined(Task<W> task, long arrival, double work, Time time) {
    return new Job<>(task, new Nobody<>(), Continuable.never(), arrival, work, time);
  }

  /// Hears nothing.
  private static final class Nobody<E> implements TaskListener<E> {
    @Override
    public void queued(int position) {}

    @Override
    public void assigned(Assignment assignment) {}

    @Override
    public boolean event(E event) {
      return false;
    }

    @Override
    public void done(AnswerUsage usage) {}

    @Override
    public void failed(Failure failure) {}
  }

  void addTried(BackendId backend) {
    var more = new HashSet<>(tried);
    more.add(backend);
    tried = Set.copyOf(more);
  }

  /// How long it has waited, the present stay included.
  long queuedNanos(long now) {
    return stage == Stage.QUEUED || stage == Stage.HELD
        ? queuedNanos + (now - queuedSince)
        : queuedNanos;
  }

  /// How much of its time to wait is left.
  Duration patience() {
    return task.ttl().minusNanos(queuedNanos);
  }

  /// Where a task is.
  enum Stage {
    /// Between two of the others, within one turn.
    DECIDING,
    /// Waits for a slot.
    QUEUED,
    /// Was put aside for a moment.
    HELD,
    /// Has an attempt.
    RUNNING,
    /// Over.
    ENDED
  }
}
