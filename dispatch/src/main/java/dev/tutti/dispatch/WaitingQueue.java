package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The tasks that wait: by priority; within one priority fair between those who ask; of one asker
/// whoever must start earliest, or, while the queue stands, whoever came last. Owner loop only.
///
/// Fairness is by predicted work (start-time fair queueing): each asker's tasks get turns as far
/// apart as the work before them, and a turn never lies behind the one that is served. So who asks
/// for a hundred things waits behind who asks for one, and nobody saves up for later. Who leaves
/// without having been served leaves the turn to the asker's next.
///
/// Tasks that may run in the same places share a lane, so a slot that opens asks the head of each
/// lane and not each task, and a task whose model is not there holds nobody up.
final class WaitingQueue<W, E> {
  /// The most askers remembered with their next turn; the one unused for longest goes first.
  private static final int MAX_ASKERS = 4_096;

  private static final Comparator<Job<?, ?>> BY_DEADLINE =
      Comparator.<Job<?, ?>>comparingLong(job -> job.deadline)
          .thenComparingLong(job -> job.arrival);

  private static final Comparator<Job<?, ?>> BY_NEWEST =
      Comparator.<Job<?, ?>>comparingLong(job -> -job.arrival);

  private static final Comparator<Job<?, ?>> BY_TURN =
      Comparator.<Job<?, ?>>comparingDouble(job -> job.turn).thenComparing(Job.ORDER);

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

  private final Map<Band, Share<W, E>> shares = new EnumMap<>(Band.class);
  private boolean newestFirst;

  /// The first arrival since the queue stands.
  private long fresh;

  WaitingQueue() {
    for (Band band : Band.values()) {
      shares.put(band, new Share<>());
    }
  }

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
    if (last != null && last.turn < job.turn && line.order.compare(job, last) < 0) {
      overtake(line, job);
    }
    line.waiting.add(job);
    put(job);
    share(job).add(job);
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
      line.next = job.turn + job.toll();
    }
  }

  private Line<W, E> line(Job<W, E> job) {
    return askers.computeIfAbsent(
        Asker.of(job), asker -> new Line<>(asker.priority(), goesNewestFirst(asker.priority())));
  }

  private boolean goesNewestFirst(int priority) {
    return newestFirst && !Band.of(priority).isSheddable();
  }

  private Share<W, E> share(Job<W, E> job) {
    return share(Band.of(job.task.priority()));
  }

  private Share<W, E> share(Band band) {
    return Objects.requireNonNull(shares.get(band), "every band has a share");
  }

  /// A task that must start earlier than others of its asker takes their turns, and they take the
  /// next ones.
  private void overtake(Line<W, E> line, Job<W, E> job) {
    var later = new ArrayList<>(line.waiting.tailSet(job));
    later.forEach(this::drop);
    double turn = later.stream().mapToDouble(other -> other.turn).min().orElse(job.turn);
    job.turn = turn;
    turn += job.toll();
    for (Job<W, E> other : later) {
      other.turn = turn;
      turn += other.toll();
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

  /// Takes a task out; it keeps its turn.
  void remove(Job<W, E> job) {
    if (drop(job)) {
      share(job).remove(job);
      Line<W, E> line = askers.get(Asker.of(job));
      if (line != null) {
        line.waiting.remove(job);
      }
    }
  }

  /// A task that is not here any more will never be served: those of its asker that have later
  /// turns move up.
  void giveUp(Job<W, E> job) {
    Line<W, E> line = job.turn == 0 ? null : askers.get(Asker.of(job));
    if (line == null) {
      return;
    }
    if (line.next <= job.turn + job.toll()) {
      line.next = job.turn;
    } else {
      double turn = job.turn;
      for (Job<W, E> other : line.byTurn()) {
        if (other.turn > job.turn) {
          drop(other);
          other.turn = Math.max(turn, other.turn - job.toll());
          turn = other.turn + other.toll();
          put(other);
        }
      }
      line.next = Math.max(turn, line.next - job.toll());
    }
    job.turn = 0;
  }

  /// Has the tasks of each asker go newest first from now on, or no longer; not those of bands that
  /// may be turned away.
  ///
  /// @param arrival the next arrival: whoever is here already waits behind those who come
  void newestFirst(boolean newest, long arrival) {
    newestFirst = newest;
    fresh = newest ? arrival : 0;
    for (Line<W, E> line : askers.values()) {
      boolean wanted = goesNewestFirst(line.priority);
      if (line.newestFirst != wanted) {
        deal(line, wanted);
      }
    }
  }

  boolean isNewestFirst() {
    return newestFirst;
  }

  /// Deals the turns of a line out anew in another order. Who has begun before stays in front.
  private void deal(Line<W, E> line, boolean newest) {
    List<Job<W, E>> jobs = line.byTurn();
    line.order(newest);
    double turn = jobs.isEmpty() ? 0 : jobs.getFirst().turn;
    jobs.sort(
        Comparator.<Job<W, E>>comparingInt(job -> job.attempts > 0 ? 0 : 1)
            .thenComparing(line.order));
    for (Job<W, E> job : jobs) {
      drop(job);
      job.turn = turn;
      turn += job.toll();
      line.waiting.add(job);
      put(job);
    }
    line.next = Math.max(line.next, turn);
  }

  /// Those before which a newcomer would not come, as far as they matter to it; newest first, also
  /// those of its asker that it would overtake, since as many will overtake it. Who was here when
  /// the queue began to stand is behind it.
  ///
  /// @param matters whether a lane's tasks may run where the newcomer may
  /// @param most how many are named
  Ahead<W, E> ahead(Job<W, E> job, Predicate<Key> matters, int most) {
    Line<W, E> line = line(job);
    double turn = line.waiting.contains(job) ? job.turn : prospect(line, job);
    var first = new ArrayList<Job<W, E>>();
    var known = new HashMap<Key, Boolean>();
    int count = 0;
    double named = 0;
    double work = 0;
    for (Job<W, E> other : order) {
      int priority = Integer.compare(other.task.priority(), job.task.priority());
      if (other == job || priority < 0 || (priority == 0 && other.turn > turn)) {
        break;
      }
      if (known.computeIfAbsent(new Key(other.shape, other.tried), matters::test)) {
        count++;
        work += other.work;
        if (count <= most) {
          first.add(other);
          named += other.work;
        }
      }
    }
    return new Ahead<>(first, count, work, named > 0 ? work / named : 1);
  }

  /// The turn that a newcomer may count on.
  private double prospect(Line<W, E> line, Job<W, E> job) {
    int priority = job.task.priority();
    if (line.newestFirst && !line.waiting.isEmpty()) {
      double turn = line.waiting.stream().mapToDouble(other -> other.turn).min().orElse(0);
      for (Job<W, E> other : line.waiting) {
        if (other.arrival < fresh) {
          break;
        }
        turn += other.toll();
      }
      return turn;
    }
    double last = Math.max(served[priority], line.next);
    return line.waiting.tailSet(job).stream().mapToDouble(other -> other.turn).min().orElse(last);
  }

  /// Who has to go so that a newcomer has room in its band: the last one of whoever has the most
  /// there with no higher priority; nobody when that is the newcomer's own asker, unless newest go
  /// first.
  @Nullable Job<W, E> displaced(Job<W, E> newcomer) {
    Band band = Band.of(newcomer.task.priority());
    boolean heavy = (long) size(band) * newcomer.bytes < bytes(band);
    Line<W, E> own = line(newcomer);
    Line<W, E> longest = own;
    boolean others = false;
    long most = own.weight(heavy) + (heavy ? newcomer.bytes : 1);
    for (Line<W, E> line : askers.values()) {
      if (Band.of(line.priority) == band
          && line.priority <= newcomer.task.priority()
          && line.weight(heavy) > most) {
        longest = line;
        others = true;
        most = line.weight(heavy);
      }
    }
    if (!others && !newestFirst) {
      return null;
    }
    List<Job<W, E>> jobs = longest.byTurn().reversed();
    return jobs.stream().filter(job -> job.attempts == 0).findFirst().orElse(null);
  }

  /// How many of a band wait.
  int size(Band band) {
    return share(band).waiting.size();
  }

  /// What those hold in memory, in bytes.
  long bytes(Band band) {
    return share(band).bytes;
  }

  /// The one of the band that has waited for longest; null when nobody waits.
  @Nullable Job<W, E> oldest(Band band) {
    var waiting = share(band).waiting;
    return waiting.isEmpty() ? null : waiting.getFirst();
  }

  /// The tasks of a band, the longest wait first.
  List<Job<W, E>> in(Band band) {
    return List.copyOf(share(band).waiting);
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

  /// Who is before a newcomer.
  ///
  /// @param first so many of them as are named, in order
  /// @param count all of them
  /// @param work all their work
  /// @param stretch all their work over that of those who are named
  record Ahead<W, E>(List<Job<W, E>> first, int count, double work, double stretch) {}

  /// Who asks, with which priority.
  private record Asker(String principal, int priority) {
    static Asker of(Job<?, ?> job) {
      return new Asker(job.task.principal(), job.task.priority());
    }
  }

  /// The tasks of one asker.
  private static final class Line<W, E> {
    final int priority;
    boolean newestFirst;
    Comparator<Job<?, ?>> order = BY_DEADLINE;
    TreeSet<Job<W, E>> waiting = new TreeSet<>(order);

    /// The first turn that is not given yet.
    double next = 1;

    Line(int priority, boolean newestFirst) {
      this.priority = priority;
      order(newestFirst);
    }

    /// Begins anew, with nobody in it.
    final void order(boolean newest) {
      newestFirst = newest;
      order = newest ? BY_NEWEST : BY_DEADLINE;
      waiting = new TreeSet<>(order);
    }

    /// What it has of the queue: bytes, or tasks.
    long weight(boolean bytes) {
      return bytes ? waiting.stream().mapToLong(job -> job.bytes).sum() : waiting.size();
    }

    List<Job<W, E>> byTurn() {
      var jobs = new ArrayList<>(waiting);
      jobs.sort(BY_TURN);
      return jobs;
    }
  }

  /// What one band has of the queue.
  private static final class Share<W, E> {
    final LinkedHashSet<Job<W, E>> waiting = new LinkedHashSet<>();
    long bytes;

    void add(Job<W, E> job) {
      if (waiting.add(job)) {
        bytes += job.bytes;
      }
    }

    void remove(Job<W, E> job) {
      if (waiting.remove(job)) {
        bytes -= job.bytes;
      }
    }
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
