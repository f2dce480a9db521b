package dev.tutti.store;

import dev.tutti.core.BackendId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits to be written. Anybody puts in, without ever waiting for the disk; the writer alone
/// takes out.
final class Inbox {
  /// Durable changes that are committed together at the most.
  private static final int CHANGES_AT_ONCE = 256;

  private final StoreLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<Pending<?>> changes = new ArrayDeque<>();
  private final ArrayDeque<UsageRow> usage = new ArrayDeque<>();

  /// The newest word of each backend: an older one that nobody wrote yet is of no use.
  private final Map<BackendId, BackendTable.Note> notes = new LinkedHashMap<>();

  private boolean closed;

  Inbox(StoreLimits limits) {
    this.limits = limits;
  }

  /// A durable change and whoever waits for it.
  record Pending<T>(Change<T> change, CompletableFuture<T> done) {}

  /// What is written in one transaction.
  record Batch(List<Pending<?>> changes, List<UsageRow> usage, List<BackendTable.Note> notes) {
    boolean isEmpty() {
      return changes.isEmpty() && usage.isEmpty() && notes.isEmpty();
    }

    boolean isOneThing() {
      return changes.size() + (usage.isEmpty() && notes.isEmpty() ? 0 : 1) <= 1;
    }

    /// Each durable change by itself, then all the rest: what waits for an answer goes first.
    List<Batch> apart() {
      var parts = new ArrayList<Batch>();
      changes.forEach(change -> parts.add(new Batch(List.of(change), List.of(), List.of())));
      if (!usage.isEmpty() || !notes.isEmpty()) {
        parts.add(new Batch(List.of(), usage, notes));
      }
      return parts;
    }
  }

  /// Whether there was room.
  boolean offer(UsageRow row) {
    lock.lock();
    try {
      if (closed || usage.size() >= limits.usageWaiting()) {
        return false;
      }
      usage.add(row);
      if (usage.size() == 1 || usage.size() == limits.groupRows()) {
        arrived.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Whether there was room.
  boolean offer(BackendTable.Note note) {
    lock.lock();
    try {
      boolean full = notes.size() >= limits.changesWaiting() && !notes.containsKey(note.id());
      if (closed || full) {
        return false;
      }
      notes.put(note.id(), note);
      arrived.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Whether there was room.
  boolean offer(Pending<?> change) {
    lock.lock();
    try {
      if (closed || changes.size() >= limits.changesWaiting()) {
        return false;
      }
      changes.add(change);
      arrived.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// What is to be written next. Waits until something is there, then a little longer for more of
  /// its kind unless somebody waits for it; empty when nothing came within `idleNanos`, or when the
  /// inbox is closed and empty.
  Batch take(long idleNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long idle = idleNanos;
      while (isEmpty() && !closed && idle > 0) {
        idle = arrived.awaitNanos(idle);
      }
      long group = limits.groupWait().toNanos();
      while (!isEmpty() && !isUrgent() && group > 0) {
        group = arrived.awaitNanos(group);
      }
      return drain();
    } finally {
      lock.unlock();
    }
  }

  /// What is there, without waiting for anything.
  Batch drain() {
    lock.lock();
    try {
      var batch =
          new Batch(
              drain(changes, CHANGES_AT_ONCE),
              drain(usage, limits.groupRows()),
              List.copyOf(notes.values()));
      notes.clear();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /// Takes nothing more in; what is there can still be taken out.
  void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Whether it is closed and nothing is left in it.
  boolean isFinished() {
    lock.lock();
    try {
      return closed && isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private boolean isEmpty() {
    return changes.isEmpty() && usage.isEmpty() && notes.isEmpty();
  }

  private boolean isUrgent() {
    return closed || !changes.isEmpty() || usage.size() >= limits.groupRows();
  }

  private static <T> List<T> drain(ArrayDeque<T> queue, int most) {
    var taken = new ArrayList<T>();
    while (taken.size() < most && !queue.isEmpty()) {
      taken.add(queue.remove());
    }
    return taken;
  }
}
