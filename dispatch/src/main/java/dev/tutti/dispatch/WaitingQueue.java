package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// The tasks that wait: by priority; within one priority fair between those who ask; of one asker
/// whoever must start earliest. Owner loop only.
///
/// Fairness is by predicted work (start-time fair queueing): each asker's tasks get turns as far
/// apart as the work before them, and a turn never lies behind the one that is served. So who asks
/// for a hundred things waits behind who asks for one, and nobody saves up for later.
///
/// Tasks that may run in the same places share a lane, so a slot that opens asks the head of each
/// lane and not each task, and a task whose model is not there holds nobody up.
final class WaitingQueue<W, E> {
  /// The most askers remembered with their next turn; the one unused for longest goes first.
  private static final int MAX_ASKERS = 4_096;

  private static final Comparator<Job<?, ?>> BY_DEADLINE =
      Comparator.<Job<?, ?>>comparingLong(job -> job.deadline)
          .thenComparingLong(job -> job.arrival);

  private final TreeSet<Job<W, E>> order = new TreeSet<>(Job.ORDER);
  private final Map<Key, Lane<W, E>> lanes = new HashMap<>();
  private final Map<Asker, Line<W, E>> askers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Asker, Line<W, E>> eldest) {
          return size() > MAX_ASKERS && eldest.getValue().waiting.isEmpty();
        }
      };

  /// The turn that is served, by priority.
  private final double[] served = new double[10];

  int size() {
    return order.size();
  }

  Collection<Lane<W, E>> lanes() {
    return lanes.values();
  }

  /// Adds a task; one that was here before keeps its turn.
  void add(Job<W, E> job) {
    Line<W, E> line = line(job);
    giveTurn(line, job);
    Job<W, E> last = line.waiting.isEmpty() ? null : line.waiting.getLast();
    if (last != null && last.turn < job.turn && BY_DEADLINE.compare(job, last) < 0) {
      overtake(line, job);
    }
    line.waiting.add(job);
    put(job);
  }

  /// Gives a task its turn behind those of its asker that have one, unless it has one itself.
  void giveTurn(Job<W, E> job) {
    if (job.turn == 0) {
      giveTurn(line(job), job);
    }
  }

  private void giveTurn(Line<W, E> line, Job<W, E> job) {
    if (job.turn == 0) {
      job.turn = Math.max(served[job.task.priority()], line.next);
      line.next = job.turn + job.work;
    }
  }

  private Line<W, E> line(Job<W, E> job) {
    return askers.computeIfAbsent(
        new Asker(job.task.principal(), job.task.priority()), _ -> new Line<>());
  }

  /// A task that must start earlier than others of its asker takes their turns, and they take the
  /// next ones.
  private void overtake(Line<W, E> line, Job<W, E> job) {
    var later = new ArrayList<>(line.waiting.tailSet(job));
    later.forEach(this::drop);
    double turn = later.stream().mapToDouble(other -> other.turn).min().orElse(job.turn);
    job.turn = turn;
    turn += job.work;
    for (Job<W, E> other : later) {
      other.turn = turn;
      turn += other.work;
      put(other);
    }
  }

  private void put(Job<W, E> job) {
    order.add(job);
    lanes.computeIfAbsent(new Key(job.shape, job.tried), Lane::new).jobs.add(job);
  }

  private boolean drop(Job<W, E> job) {
    var key = new Key(job.shape, job.tried);
    Lane<W, E> lane = lanes.get(key);
    if (lane != null && lane.jobs.remove(job) && lane.jobs.isEmpty()) {
      lanes.remove(key);
    }
    return order.remove(job);
  }

  void remove(Job<W, E> job) {
    if (drop(job)) {
      Line<W, E> line = askers.get(new Asker(job.task.principal(), job.task.priority()));
      if (line != null) {
        line.waiting.remove(job);
      }
    }
  }

  /// A task starts: nobody who comes now gets a turn before its. One that did not have to wait has
  /// used a turn all the same.
  void serve(Job<W, E> job) {
    giveTurn(job);
    int priority = job.task.priority();
    served[priority] = Math.max(served[priority], job.turn);
  }

  /// The lane a task waits in, or waited in last; an empty one when there is none any more.
  Lane<W, E> laneOf(Job<W, E> job) {
    var key = new Key(job.shape, job.tried);
    return lanes.getOrDefault(key, new Lane<>(key));
  }

  /// The place of a waiting task, 1 for the first.
  int position(Job<W, E> job) {
    return order.last() == job ? order.size() : order.headSet(job).size() + 1;
  }

  /// The tasks in order, as they are now.
  List<Job<W, E>> inOrder() {
    return new ArrayList<>(order);
  }

  /// The same, not copied: nothing may be added or removed while somebody looks.
  SortedSet<Job<W, E>> order() {
    return Collections.unmodifiableSortedSet(order);
  }

  /// What tasks of one lane have in common.
  record Key(Shape shape, Set<BackendId> tried) {}

  /// Who asks, with which priority.
  private record Asker(String principal, int priority) {}

  /// The tasks of one asker.
  private static final class Line<W, E> {
    final TreeSet<Job<W, E>> waiting = new TreeSet<>(BY_DEADLINE);

    /// The first turn that is not given yet.
    double next = 1;
  }

  /// Tasks that may run in the same places. Never empty while it is in the queue.
  static final class Lane<W, E> {
    final Key key;
    private final TreeSet<Job<W, E>> jobs = new TreeSet<>(Job.ORDER);

    Lane(Key key) {
      this.key = key;
    }

    Collection<Job<W, E>> jobs() {
      return Collections.unmodifiableCollection(jobs);
    }

    boolean isEmpty() {
      return jobs.isEmpty();
    }

    Job<W, E> head() {
      return jobs.getFirst();
    }
  }
}
