package dev.tutti.dispatch;

import dev.tutti.core.Time;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Lets a task into the cloud that would wait at home for longer than its owner wants. While the
/// owner names no such time, nothing is asked. Owner loop only.
final class CloudGate<W, E> {
  /// Between two looks at those who wait.
  static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final Time time;
  private final Floor<W, E> floor;
  private final WaitingQueue<W, E> queue;
  private final Placing<W, E> placing;
  private final Turn turn;
  private final BiConsumer<Job<W, E>, Floor.Choice<W, E>> begin;
  private boolean looking;

  /// @param begin starts an attempt
  CloudGate(
      Time time,
      Floor<W, E> floor,
      WaitingQueue<W, E> queue,
      Placing<W, E> placing,
      Turn turn,
      BiConsumer<Job<W, E>, Floor.Choice<W, E>> begin) {
    this.time = time;
    this.floor = floor;
    this.queue = queue;
    this.placing = placing;
    this.turn = turn;
    this.begin = begin;
  }

  /// Starts a task that has just come in the cloud, if it would wait for too long.
  boolean place(Job<W, E> job) {
    Optional<Duration> after = floor.policy().cloudAfter();
    if (after.isEmpty() || open(job).isEmpty()) {
      return false;
    }
    Duration wait = placing.estimate(job).likely();
    return wait.compareTo(after.get()) > 0 && place(job, wait, after.get());
  }

  /// Somebody waits.
  void watch() {
    if (!looking && floor.policy().cloudAfter().isPresent()) {
      looking = true;
      time.after(LOOK_EVERY, this::look);
    }
  }

  private void look() {
    looking = false;
    Optional<Duration> after = floor.policy().cloudAfter();
    if (after.isEmpty() || queue.size() == 0) {
      return;
    }
    turn.enter();
    try {
      for (Placing.Waiter<W, E> waiter : placing.waiters()) {
        if (waiter.waits().compareTo(after.get()) > 0 && waiter.job().stage == Job.Stage.QUEUED) {
          place(waiter.job(), waiter.waits(), after.get());
        }
      }
    } finally {
      turn.leave();
    }
    if (queue.size() > 0) {
      watch();
    }
  }

  private boolean place(Job<W, E> job, Duration wait, Duration after) {
    List<Fit.Place> open = open(job);
    if (open.isEmpty()) {
      return false;
    }
    String why =
        String.format(
            Locale.ROOT,
            "cloud, since the wait at home was expected to be %.1f s (cloud.after %.1f s)",
            wait.toMillis() / 1e3,
            after.toMillis() / 1e3);
    List<Fit.Place> told = open.stream().map(place -> place.because(why)).toList();
    Optional<Floor.Choice<W, E>> choice = floor.best(job, Fit.Places.of(told, told, List.of()));
    choice.ifPresent(found -> begin.accept(job, placing.predicted(job, found)));
    return choice.isPresent();
  }

  /// The cloud's places for a task that somebody waits for.
  private List<Fit.Place> open(Job<W, E> job) {
    Shape there = job.shape.reaching(Shape.Reach.CLOUD);
    return !job.shape.local()
            && !job.shape.batch()
            && floor.index().fit(there) instanceof Fit.Places places
        ? places.live()
        : List.of();
  }
}
