package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The state of the floor: whose engine is attached, how busy everybody is, and which free place is
/// the best for a task. Owner loop only.
final class Floor<W, E> {
  /// So many of the slots that became free are remembered.
  static final int RECENT = 6;

  private final Supplier<FleetView> fleet;
  private final Map<BackendId, Desk<W, E>> desks = new HashMap<>();
  private final Map<BackendId, Integer> activeOnBackend = new HashMap<>();
  private final Map<NodeId, Integer> activeOnNode = new HashMap<>();
  private ModelIndex index;
  private RoutingStrategy strategy;
  private OwnersWord word;
  private long picks;
  private int active;

  /// The backends that had a slot become free last.
  private final ArrayDeque<BackendId> opened = new ArrayDeque<>();

  Floor(Supplier<FleetView> fleet, RoutingStrategy strategy) {
    this.fleet = fleet;
    this.strategy = strategy;
    this.word = new OwnersWord(AutoRules.NONE, Policy.NONE, strategy.fallsThrough());
    // Of no version at all, so that the first look at the fleet replaces it.
    this.index = new ModelIndex(new FleetView(-1, List.of(), Map.of(), Set.of()), word);
  }

  /// The index of the fleet as it is now.
  ModelIndex index() {
    FleetView view = fleet.get();
    if (view.version() != index.version()) {
      index = new ModelIndex(view, word);
    }
    return index;
  }

  RoutingStrategy strategy() {
    return strategy;
  }

  void strategy(RoutingStrategy next) {
    strategy = next;
    say(new OwnersWord(word.auto(), word.policy(), next.fallsThrough()));
  }

  /// Which models the owner prefers where the choice is ours, from now on.
  void rules(AutoRules next) {
    say(new OwnersWord(next, word.policy(), word.fallsThrough()));
  }

  /// The owner's hard rules from now on.
  void policy(Policy next) {
    say(new OwnersWord(word.auto(), next, word.fallsThrough()));
  }

  Policy policy() {
    return word.policy();
  }

  private void say(OwnersWord next) {
    word = next;
    index = new ModelIndex(fleet.get(), next);
  }

  @Nullable Desk<W, E> desk(BackendId id) {
    return desks.get(id);
  }

  Desk<W, E> openDesk(BackendId id) {
    return desks.computeIfAbsent(id, Desk::new);
  }

  /// Takes the desk away; its attempts are the caller's business.
  void close(Desk<W, E> desk) {
    desk.closed = true;
    desks.remove(desk.id, desk);
  }

  int active(BackendId id) {
    return activeOnBackend.getOrDefault(id, 0);
  }

  int active(NodeId id) {
    return activeOnNode.getOrDefault(id, 0);
  }

  /// Attempts running anywhere.
  int active() {
    return active;
  }

  /// Slots in which an attempt could start now; with that many the count ends.
  int openSlots(int enough) {
    int open = 0;
    for (Desk<W, E> desk : desks.values()) {
      open += desk.isOpen() ? desk.free() : 0;
      if (open >= enough) {
        break;
      }
    }
    return open;
  }

  /// A backend has one more free slot, or an engine.
  void opened(Desk<W, E> desk) {
    if (opened.size() == RECENT) {
      opened.removeFirst();
    }
    opened.addLast(desk.id);
  }

  /// The backends that had a slot become free last.
  Collection<BackendId> opened() {
    return opened;
  }

  /// Books an attempt: its slot is spent.
  void begin(Run<W, E> run) {
    run.desk.spend();
    run.desk.begun(run);
    run.desk.lastPicked = ++picks;
    active++;
    activeOnBackend.merge(run.desk.id, 1, Integer::sum);
    activeOnNode.merge(run.assignment.node(), 1, Integer::sum);
  }

  /// Takes an attempt off the books. Its slot comes back when the engine says so.
  void end(Run<W, E> run, long now) {
    run.endedNanos = now;
    run.desk.remember(run);
    if (run.desk.ended(run)) {
      active--;
      activeOnBackend.computeIfPresent(run.desk.id, (_, n) -> n == 1 ? null : n - 1);
      activeOnNode.computeIfPresent(run.assignment.node(), (_, n) -> n == 1 ? null : n - 1);
      if (run.desk.retiring && run.desk.runs.isEmpty()) {
        close(run.desk);
      }
    }
  }

  /// The best place with a free slot, of those the task has not tried.
  Optional<Choice<W, E>> best(Job<W, E> job, Fit.Places places) {
    Comparator<Candidate> order = null;
    Candidate best = null;
    Desk<W, E> bestDesk = null;
    Fit.Place bestPlace = null;
    int count = 0;
    for (Fit.Place place : places.live()) {
      BackendId id = place.backend().id();
      Desk<W, E> desk = desks.get(id);
      if (desk == null || free(place, desk) == 0 || job.tried.contains(id)) {
        continue;
      }
      count++;
      Candidate candidate = candidate(place, desk, Prediction.NONE);
      if (order == null) {
        order = order(TaskFacts.of(job.task));
      }
      if (best == null || order.compare(candidate, best) < 0) {
        best = candidate;
        bestDesk = desk;
        bestPlace = place;
      }
    }
    return best == null || bestDesk == null || bestPlace == null
        ? Optional.empty()
        : Optional.of(new Choice<>(best, bestDesk, bestPlace, Prediction.NONE, count));
  }

  /// The pools in their turn, and within each the strategy's own order.
  private Comparator<Candidate> order(TaskFacts task) {
    return Comparator.comparing(Candidate::pool).thenComparing(strategy.order(task));
  }

  /// Free slots that may be used: not all of them while an engine is tried again, and no more than
  /// its owner allows.
  private int free(Fit.Place place, @Nullable Desk<W, E> desk) {
    if (desk == null || !desk.isOpen()) {
      return 0;
    }
    return usable(place, desk);
  }

  /// The same for a desk that may be resting.
  int usable(Fit.Place place, Desk<W, E> desk) {
    BackendView backend = place.backend();
    return place.capped() || isLimited(backend)
        ? Math.clamp((long) backend.openSlots() - active(backend.id()), 0, desk.free())
        : desk.free();
  }

  /// Whether only a part of a backend's slots may be used now.
  boolean isLimited(BackendId id) {
    BackendView backend = fleet.get().backends().get(id);
    return backend != null
        && (isLimited(backend) || word.policy().of(backend).maxConcurrent().isPresent());
  }

  private static boolean isLimited(BackendView backend) {
    return backend.share() < 100;
  }

  Collection<Desk<W, E>> desks() {
    return desks.values();
  }

  /// The place as a strategy sees it.
  Candidate candidate(Fit.Place place, @Nullable Desk<W, E> desk, Prediction prediction) {
    BackendId id = place.backend().id();
    int active = active(id);
    int free = free(place, desk);
    int slots = Math.max(1, Math.max(place.backend().slots(), active + free));
    return new Candidate(
        id,
        place.node().id(),
        place.model(),
        place.match(),
        active(place.node().id()),
        active,
        free,
        slots,
        place.node().hardware().ramFree(),
        desk == null ? 0 : desk.lastPicked,
        Fitting.isSimulated(place.backend()),
        place.pool(),
        place.priority(),
        prediction);
  }

  /// Whether somebody takes work of that shape, busy or not, who was not tried.
  boolean hasOthers(Shape shape, Set<BackendId> tried) {
    return index().fit(shape) instanceof Fit.Places places && hasOthers(places, tried);
  }

  /// The same among these places.
  boolean hasOthers(Fit.Places places, Set<BackendId> tried) {
    return places.live().stream()
        .anyMatch(place -> {
          Desk<W, E> desk = desks.get(place.backend().id());
          return desk != null
              && desk.engine != null
              && !desk.retiring
              && !tried.contains(place.backend().id());
        });
  }

  /// Keeps a task away from a whole machine while there is another one that could take it.
  void avoid(Job<W, E> job, NodeId node) {
    if (!(index().fit(job.shape) instanceof Fit.Places places)) {
      return;
    }
    var wider = new HashSet<>(job.tried);
    places.all().stream()
        .filter(place -> place.node().id().equals(node))
        .forEach(place -> wider.add(place.backend().id()));
    if (hasOthers(places, wider)) {
      job.tried = Set.copyOf(wider);
    }
  }

  /// Whether a backend is known and takes no work, though its owner did not say so.
  boolean isAway(BackendId id) {
    return index().view().nodes().stream()
        .flatMap(node -> node.backends().stream())
        .filter(backend -> backend.id().equals(id))
        .anyMatch(backend -> !backend.takesWork() && !backend.drained());
  }

  /// Every place that has a fitting model: those with a free slot as the strategy ranks them, then
  /// those that are busy, then those that take no work.
  List<Explanation.Place> explain(
      TaskFacts task, Fit.Places places, Function<Fit.Place, Prediction> outlook) {
    var order = order(task);
    record Seen(Fit.Place place, Candidate candidate) {}
    var seen = new ArrayList<Seen>();
    for (Fit.Place place : places.all()) {
      Desk<W, E> desk = desks.get(place.backend().id());
      seen.add(new Seen(place, candidate(place, desk, outlook.apply(place))));
    }
    seen.sort(
        Comparator.<Seen, Boolean>comparing(s -> !isOpen(s.place(), s.candidate(), places))
            .thenComparing(s -> !places.live().contains(s.place()))
            .thenComparing(Seen::candidate, order));
    var told = new ArrayList<Explanation.Place>();
    for (Seen one : seen) {
      String grounds = one.place().grounds().isEmpty() ? "" : "; " + one.place().grounds();
      boolean open = isOpen(one.place(), one.candidate(), places);
      Candidate c = one.candidate();
      told.add(
          new Explanation.Place(
              open ? told.size() + 1 : 0,
              c.backend(),
              c.node(),
              c.model(),
              c.freeSlots(),
              c.slots(),
              c.simulated(),
              c.pool().wireName(),
              c.prediction(),
              open ? strategy.figures(c) + grounds : obstacle(one.place(), c, places)));
    }
    places.passedOver().forEach(each -> told.add(passedOver(each)));
    return told;
  }

  private Explanation.Place passedOver(Fit.PassedOver each) {
    Fit.Place place = each.place();
    Candidate c = candidate(place, desks.get(place.backend().id()), Prediction.NONE);
    return new Explanation.Place(
        0,
        c.backend(),
        c.node(),
        c.model(),
        c.freeSlots(),
        c.slots(),
        c.simulated(),
        "",
        Prediction.NONE,
        each.why());
  }

  private static boolean isOpen(Fit.Place place, Candidate candidate, Fit.Places places) {
    return candidate.freeSlots() > 0 && places.live().contains(place);
  }

  private String obstacle(Fit.Place place, Candidate candidate, Fit.Places places) {
    if (place.backend().drained()) {
      return "drained";
    }
    if (!place.backend().takesWork()) {
      String trouble = place.backend().trouble();
      String health = place.backend().health().name().toLowerCase(Locale.ROOT);
      return trouble.isEmpty() ? health : health + ": " + trouble;
    }
    if (!places.live().contains(place) && isLater(place, places)) {
      return place.pool().obstacle();
    }
    if (!places.live().contains(place)) {
      return place.match() == Candidate.Match.LESSER
          ? "another model is preferred for such a task"
          : "simulated, and a real engine is there";
    }
    Desk<W, E> desk = desks.get(place.backend().id());
    if (desk == null || desk.engine == null || desk.retiring) {
      return "not attached";
    }
    return desk.resting
        ? "rests after it refused work"
        : "all slots busy (" + candidate.activeOnBackend() + " of " + candidate.slots() + ")";
  }

  /// Whether others' turn comes before this place's.
  private static boolean isLater(Fit.Place place, Fit.Places places) {
    return !places.live().isEmpty()
        && places.live().stream().allMatch(live -> live.pool().compareTo(place.pool()) < 0);
  }

  /// What was chosen.
  ///
  /// @param prediction what is expected of it
  /// @param count how many places it was chosen from
  record Choice<W, E>(
      Candidate candidate, Desk<W, E> desk, Fit.Place place, Prediction prediction, int count) {}
}
