package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The tasks that wait: by priority, then arrival. Owner loop only.
///
/// Tasks that may run in the same places share a lane, so a slot that opens asks the head of each
/// lane and not each task, and a task whose model is not there holds nobody up.
final class WaitingQueue<W, E> {
  private final Map<Key, Lane<W, E>> lanes = new HashMap<>();
  private int size;

  int size() {
    return size;
  }

  Collection<Lane<W, E>> lanes() {
    return lanes.values();
  }

  void add(Job<W, E> job) {
    var key = new Key(job.shape, job.tried);
    if (lanes.computeIfAbsent(key, Lane::new).jobs.add(job)) {
      size++;
    }
  }

  void remove(Job<W, E> job) {
    var key = new Key(job.shape, job.tried);
    Lane<W, E> lane = lanes.get(key);
    if (lane != null && lane.jobs.remove(job)) {
      size--;
      if (lane.jobs.isEmpty()) {
        lanes.remove(key);
      }
    }
  }

  /// The lane a task waits in, or waited in last; an empty one when there is none any more.
  Lane<W, E> laneOf(Job<W, E> job) {
    var key = new Key(job.shape, job.tried);
    return lanes.getOrDefault(key, new Lane<>(key));
  }

  /// The place of a waiting task, 1 for the first.
  int position(Job<W, E> job) {
    int ahead = 0;
    for (Lane<W, E> lane : lanes.values()) {
      ahead += lane.jobs.headSet(job).size();
    }
    return ahead + 1;
  }

  List<Job<W, E>> inOrder() {
    var all = new ArrayList<Job<W, E>>(size);
    lanes.values().forEach(lane -> all.addAll(lane.jobs));
    all.sort(Job.ORDER);
    return all;
  }

  /// What tasks of one lane have in common.
  record Key(Shape shape, Set<BackendId> tried) {}

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
