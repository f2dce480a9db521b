package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who may wait for a slot, and who is turned away at once. Owner loop only.
///
/// Who would wait for longer than it is willing to is told so at once. That is done on the hopeful
/// side of the estimate only, and only once enough estimates have been compared with the truth: a
/// task that was let in and does not get its turn has lost its patience; one that was refused and
/// would have got it has lost everything. The queue stays as long as the patience of those in it,
/// so no engine is idle for want of those who were refused.
///
/// Each band has its own room, in tasks and in bytes. Where it is full, whoever has most of it
/// makes room for who has less. See {@link Overload} for what happens when the queue stands.
final class Admission<W, E> {
  /// While the queue stands, who comes may count on such a part of its time to wait: those that
  /// wait already are set back for it, so it must be served soon or not at all.
  static final int PART_OF_PATIENCE = 4;

  private final Time time;
  private final int maxQueued;
  private final Floor<W, E> floor;
  private final WaitingQueue<W, E> queue;
  private final Placing<W, E> placing;
  private final Overload overload;

  Admission(
      Time time,
      int maxQueued,
      Floor<W, E> floor,
      WaitingQueue<W, E> queue,
      Placing<W, E> placing) {
    this.time = time;
    this.maxQueued = maxQueued;
    this.floor = floor;
    this.queue = queue;
    this.placing = placing;
    this.overload = new Overload(time.nanos());
  }

  /// Why a task is turned away.
  enum Refusal {
    /// It waited as long as it would, or would not wait at all.
    BUSY(""),
    /// It would wait for too long.
    TOO_LONG(" for longer than the request would wait"),
    /// There is no room.
    NO_ROOM(", and too many wait already"),
    /// The queue stands, and it is one of those that can do without.
    SHED(", and low priorities are turned away until it is over");

    /// What is added to "busy".
    final String words;

    Refusal(String words) {
      this.words = words;
    }
  }

  /// What a task that is turned away is told.
  ///
  /// @param wait how long it would have waited
  Failure failure(Job<W, E> job, Refusal refusal, WaitEstimate wait) {
    if (job.written) {
      return Failure.of(
          FailureCode.BROKEN_STREAM,
          Retry.UNSAFE_MAY_HAVE_ACTED,
          "the answer broke off, and nobody could go on with it in time");
    }
    boolean anybody =
        floor.index().fit(job.shape) instanceof Fit.Places places && !places.live().isEmpty();
    String who = "every backend with \"" + job.task.model() + "\" is ";
    return Failure.of(
            FailureCode.BUSY,
            Retry.SAFE_NOT_STARTED,
            who + (anybody ? "busy" + refusal.words : "down") + ", try again later")
        .retryAfter(anybody ? wait.likely() : DispatchLimits.COME_BACK);
  }

  boolean isOverloaded() {
    return overload.isOn();
  }

  /// Looks at a task that comes to wait for the first time, and says why it may not; null when it
  /// may. Makes room for it where that is to be done.
  ///
  /// @param displace has a waiting task turned away
  @Nullable Refusal refuses(Job<W, E> job, Consumer<Job<W, E>> displace) {
    Duration patience = job.patience();
    if (patience.compareTo(DispatchLimits.MAX_TTL) <= 0) {
      WaitEstimate foreseen = placing.foresee(job);
      if (overload.isOn() && isContested(job, contested())) {
        return Refusal.SHED;
      }
      if (overload.isOn() ? isBuried(foreseen, patience) : isTooLong(foreseen, patience)) {
        turnedAway(job);
        return Refusal.TOO_LONG;
      }
    }
    while (!hasRoom(job)) {
      turnedAway(job);
      Job<W, E> other = queue.displaced(job);
      if (other == null) {
        return Refusal.NO_ROOM;
      }
      displace.accept(other);
    }
    return null;
  }

  private static boolean isTooLong(WaitEstimate foreseen, Duration patience) {
    return foreseen.proven() && foreseen.hopeful().compareTo(patience) > 0;
  }

  /// While newest go first, estimates say little of one task, but what the play says holds for all
  /// of them together: the work that has come since cannot be done in less time.
  private static boolean isBuried(WaitEstimate foreseen, Duration patience) {
    Duration part = patience.dividedBy(PART_OF_PATIENCE);
    Duration bearable = part.compareTo(Overload.TARGET) > 0 ? part : Overload.TARGET;
    return foreseen.learned() && foreseen.rawMillis() > bearable.toMillis();
  }

  private boolean hasRoom(Job<W, E> job) {
    Band band = Band.of(job.task.priority());
    int waiting = queue.size(band);
    return waiting < maxQueued
        && (waiting == 0 || queue.bytes(band) + job.bytes <= band.maxBytes().value());
  }

  /// A task goes unserved.
  void turnedAway(Job<W, E> job) {
    boolean patient = job.task.ttl().compareTo(Overload.TARGET) >= 0;
    if (patient && !Band.of(job.task.priority()).isSheddable()) {
      overload.turnedAway(time.nanos());
    }
  }

  /// Whether the queue has begun to stand, or does so no longer. Called when it has settled.
  boolean look(long nextArrival) {
    long now = time.nanos();
    Job<W, E> oldest = null;
    for (Band band : Band.values()) {
      Job<W, E> one = band.isSheddable() ? null : queue.oldest(band);
      if (one != null && (oldest == null || one.queuedSince - oldest.queuedSince < 0)) {
        oldest = one;
      }
    }
    boolean before = overload.isOn();
    if (oldest == null) {
      overload.emptied(now);
    } else {
      overload.moved(oldest.queuedSince, now);
    }
    if (overload.isOn() != before) {
      queue.newestFirst(overload.isOn(), nextArrival);
    }
    return overload.isOn() != before;
  }

  /// The waiting tasks that are turned away now.
  List<Job<W, E>> toShed() {
    var out = new ArrayList<Job<W, E>>();
    if (overload.isOn()) {
      Set<BackendId> contested = contested();
      for (Band band : Band.values()) {
        if (band.isSheddable() && queue.size(band) > 0) {
          queue.in(band).stream().filter(job -> isContested(job, contested)).forEach(out::add);
        }
      }
    }
    return out;
  }

  /// Whether a task can do without, and somebody who cannot waits for the same engines.
  private boolean isContested(Job<W, E> job, Set<BackendId> contested) {
    return Band.of(job.task.priority()).isSheddable()
        && job.attempts == 0
        && floor.index().fit(job.shape) instanceof Fit.Places places
        && places.positions().keySet().stream().anyMatch(contested::contains);
  }

  private Set<BackendId> contested() {
    var ids = new HashSet<BackendId>();
    for (var lane : queue.lanes()) {
      if (!Band.of(lane.head().task.priority()).isSheddable()
          && floor.index().fit(lane.key.shape()) instanceof Fit.Places places) {
        ids.addAll(places.positions().keySet());
      }
    }
    return ids;
  }
}
