package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;

/// Sends waiting tasks to places as they become free, the first in order first. Owner loop only.
///
/// Between turns no waiting task would start: whatever may let one start is noted here and followed
/// up at the end of the turn. Under a strategy that waits, a task may have a free place and still
/// be better off where it is; then {@link Planner} decides, and is asked again after a while.
final class Usher<W, E> {
  private final Floor<W, E> floor;
  private final WaitingQueue<W, E> queue;
  private final Predicate<Job<W, E>> place;
  private final Runnable plan;
  private final List<Desk<W, E>> opened = new ArrayList<>();
  private boolean everythingMayMove;

  /// @param place starts a task if there is a free place, and says whether there was
  /// @param plan starts the tasks that do best to start now
  Usher(Floor<W, E> floor, WaitingQueue<W, E> queue, Predicate<Job<W, E>> place, Runnable plan) {
    this.floor = floor;
    this.queue = queue;
    this.place = place;
    this.plan = plan;
  }

  /// The fleet or a rule changed.
  void lookAtAll() {
    everythingMayMove = true;
  }

  /// A backend has one more free slot.
  void slotOpened(Desk<W, E> desk) {
    opened.add(desk);
    floor.opened(desk);
  }

  /// A backend that refused work, failed again, or whose answer broke off, gets none for a moment:
  /// by then its health is known.
  void rest(Desk<W, E> desk, Time time, Turn turn) {
    if (!desk.resting && !desk.closed) {
      desk.resting = true;
      time.after(
          DispatchLimits.REST,
          () -> {
            turn.enter();
            desk.resting = false;
            slotOpened(desk);
            turn.leave();
          });
    }
  }

  void settle() {
    while (everythingMayMove || !opened.isEmpty()) {
      if (floor.strategy().waits()) {
        if (everythingMayMove) {
          forgive();
        }
        everythingMayMove = false;
        opened.clear();
        plan.run();
      } else if (everythingMayMove) {
        everythingMayMove = false;
        opened.clear();
        drain();
      } else {
        drain(opened.removeLast());
      }
    }
  }

  /// Starts whatever can start, in order. A lane whose head finds no place is left alone: those
  /// behind it would find none either.
  private void drain() {
    forgive();
    // Heads are looked at again when their turn comes: a listener may cancel any task meanwhile.
    var next = new PriorityQueue<Job<W, E>>(Job.ORDER);
    queue.lanes().forEach(lane -> next.add(lane.head()));
    for (var job = next.poll(); job != null; job = next.poll()) {
      WaitingQueue.Lane<W, E> lane = queue.laneOf(job);
      boolean went = job.stage != Job.Stage.QUEUED || place.test(job);
      if (went && !lane.isEmpty()) {
        next.add(lane.head());
      }
    }
  }

  /// A task that keeps away from the engine that refused it, while all the others are gone, may use
  /// that one again.
  private void forgive() {
    var stuck = new ArrayList<Job<W, E>>();
    for (var lane : queue.lanes()) {
      Set<BackendId> tried = lane.key.tried();
      if (!tried.isEmpty()
          && floor.index().fit(lane.key.shape()) instanceof Fit.Places places
          && !floor.hasOthers(places, tried)) {
        lane.jobs().stream().filter(job -> job.onlyRefused).forEach(stuck::add);
      }
    }
    for (Job<W, E> job : stuck) {
      queue.remove(job);
      job.tried = Set.of();
      queue.add(job);
    }
  }

  /// Fills the free slots of one backend, in order.
  private void drain(Desk<W, E> desk) {
    while (desk.isOpen()) {
      Job<W, E> first = null;
      for (var lane : queue.lanes()) {
        Job<W, E> head = lane.head();
        if ((first == null || Job.ORDER.compare(head, first) < 0) && mayRun(lane.key, desk.id)) {
          first = head;
        }
      }
      if (first == null || !place.test(first)) {
        return;
      }
    }
  }

  private boolean mayRun(WaitingQueue.Key key, BackendId backend) {
    return !key.tried().contains(backend)
        && floor.index().fit(key.shape()) instanceof Fit.Places places
        && places.isLive(backend);
  }
}
