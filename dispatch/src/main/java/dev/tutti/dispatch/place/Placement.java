package dev.tutti.dispatch.place;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.dispatch.place.Layout.Cost;
import dev.tutti.dispatch.place.Layout.Spot;
import dev.tutti.dispatch.place.Plan.Action;
import dev.tutti.dispatch.place.Situation.Site;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Plans who should hold which model in memory: pure, and the same for the same situation.
///
/// First what the owner pinned. Then step by step whatever saves most waiting for its size: a copy
/// where there is room, or in the place of others that are worth less. A step is made only if it
/// saves {@link #LEAST_SECONDS} an hour; one that takes something out of memory only if it is
/// clearly better ({@link #CLEARLY}) and pays for the loading within the hour. So each step makes
/// the whole cheaper, a plan that was carried out leaves nothing to do, and models whose turns
/// alternate do not push each other out. What is in memory and hurts nobody stays.
public final class Placement {
  /// A step must save so many seconds of waiting in an hour.
  static final double LEAST_SECONDS = 10;

  /// A step that takes others out of memory must be better than what it takes by this share.
  static final double CLEARLY = 0.25;

  /// The most steps of one plan.
  static final int MAX_STEPS = 256;

  /// The most engines that are looked at for one model that is asked for, the fastest.
  static final int MAX_PLACES = 16;

  private final Situation situation;
  private final Layout layout;

  /// For whom a spot was emptied, by its index.
  private final Map<Integer, ModelName> roomFor = new HashMap<>();

  private final List<Wanting> wanting = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  private Placement(Situation situation) {
    this.situation = situation;
    this.layout = new Layout(situation);
  }

  /// The plan for a situation.
  public static Plan plan(Situation situation) {
    return new Placement(situation).plan();
  }

  private record Wanting(NodeId node, ModelName model, Action action, String why) {}

  /// A step that could be made.
  private record Step(Spot load, List<Spot> unload, double saves) {
    double worth() {
      return saves / Math.max(1, load.copy().bytes().gibi());
    }
  }

  private Plan plan() {
    Cost before = layout.cost();
    new TreeMap<>(situation.pins())
        .forEach((model, nodes) -> new TreeSet<>(nodes).forEach(node -> pin(model, node)));
    for (int i = 0; i < MAX_STEPS; i++) {
      Step best = best();
      if (best == null) {
        break;
      }
      make(best.load(), best.unload());
    }
    Cost after = layout.cost();
    var effect = new Plan.Effect(before.seconds(), after.seconds(), before.loads(), after.loads());
    Set<Integer> idle = idle(after);
    return new Plan(
        situation.sites().stream().map(site -> site(site, idle)).toList(), effect, remarks);
  }

  private void make(Spot load, List<Spot> unload) {
    unload.forEach(spot -> {
      layout.hold(spot, false);
      roomFor.put(spot.index(), load.copy().model());
    });
    layout.hold(load, true);
  }

  // ---- pins

  private void pin(ModelName model, NodeId node) {
    List<Spot> there =
        layout.spots().stream()
            .filter(spot -> spot.site().node().equals(node) && spot.copy().model().equals(model))
            .toList();
    if (there.stream().anyMatch(layout::holds)) {
      return;
    }
    Optional<Site> site =
        situation.sites().stream().filter(each -> each.node().equals(node)).findFirst();
    if (site.isEmpty()) {
      remarks.add(model + " is pinned to " + node + ", where no engine takes work");
      return;
    }
    if (there.isEmpty() && !site.get().whole()) {
      remarks.add(model + " is pinned to " + node + ", where not all engines are up");
      return;
    }
    if (there.isEmpty()) {
      wanting.add(new Wanting(node, model, Action.PULL, "pinned, and not on its disk"));
      return;
    }
    for (Spot spot : there) {
      if (!spot.shelf().loads()) {
        continue;
      }
      List<Spot> victims = victims(spot);
      if (victims != null) {
        make(spot, victims);
        return;
      }
    }
    boolean loads = there.stream().anyMatch(spot -> spot.shelf().loads());
    String why =
        loads
            ? "pinned, and does not fit beside what is pinned or in use"
            : "pinned, and its engine loads models by itself only";
    wanting.add(new Wanting(node, model, Action.CANNOT, why));
  }

  // ---- demand

  private @Nullable Step best() {
    double now = layout.cost().seconds();
    Step best = null;
    for (List<Spot> places : layout.asked().values()) {
      for (Spot spot : places.subList(0, Math.min(MAX_PLACES, places.size()))) {
        if (layout.holds(spot) || !spot.shelf().loads() || !spot.site().room().isKnown()) {
          continue;
        }
        Step step = step(spot, now);
        if (step != null && (best == null || step.worth() > best.worth())) {
          best = step;
        }
      }
    }
    return best;
  }

  private @Nullable Step step(Spot spot, double now) {
    List<Spot> victims = victims(spot);
    if (victims == null) {
      return null;
    }
    victims.forEach(victim -> layout.hold(victim, false));
    double without = victims.isEmpty() ? now : layout.cost().seconds();
    layout.hold(spot, true);
    double after = layout.cost().seconds();
    layout.hold(spot, false);
    victims.forEach(victim -> layout.hold(victim, true));
    double saves = now - after;
    double loading = spot.copy().loadMillis() / 1e3;
    boolean clear = victims.isEmpty() || (saves >= CLEARLY * (without - now) && saves >= loading);
    return saves >= LEAST_SECONDS && clear ? new Step(spot, victims, saves) : null;
  }

  /// What must go so that a copy fits: what is asked for least, of those that may go; null when it
  /// does not fit at all.
  private @Nullable List<Spot> victims(Spot spot) {
    if (layout.lack(spot) <= 0) {
      return List.of();
    }
    List<Spot> may =
        layout.spots().stream()
            .filter(other -> other.isAt(spot.site()) && mayGo(other))
            .sorted(
                Comparator.comparingDouble(this::worth)
                    .thenComparingLong(other -> -other.copy().bytes().value())
                    .thenComparing(other -> other.copy().model())
                    .thenComparing(other -> other.shelf().backend()))
            .toList();
    var gone = new ArrayList<Spot>();
    for (Spot other : may) {
      if (layout.lack(spot) <= 0) {
        break;
      }
      layout.hold(other, false);
      gone.add(other);
    }
    boolean fits = layout.lack(spot) <= 0;
    // What went first may not have been needed after all.
    for (Spot other : List.copyOf(gone)) {
      layout.hold(other, true);
      if (fits && layout.lack(spot) <= 0) {
        gone.remove(other);
      } else {
        layout.hold(other, false);
      }
    }
    gone.forEach(other -> layout.hold(other, true));
    return fits ? gone : null;
  }

  private boolean mayGo(Spot spot) {
    return layout.holds(spot) && spot.shelf().loads() && !spot.pinned() && !spot.copy().inUse();
  }

  /// Seconds of loading that it spares in an hour, at most.
  private double worth(Spot spot) {
    return situation.need(spot.copy().model()).perHour() * spot.copy().loadMillis();
  }

  // ---- what is told

  /// Those in memory that nobody would miss, one after the other.
  private Set<Integer> idle(Cost all) {
    var idle = new HashSet<Integer>();
    double now = all.seconds();
    for (Spot spot :
        layout.spots().stream().sorted(Comparator.comparingDouble(this::worth)).toList()) {
      if (!layout.holds(spot) || spot.pinned()) {
        continue;
      }
      layout.hold(spot, false);
      double without = layout.cost().seconds();
      if (without - now < LEAST_SECONDS) {
        idle.add(spot.index());
        now = without;
      } else {
        layout.hold(spot, true);
      }
    }
    idle.forEach(index -> layout.hold(layout.spots().get(index), true));
    return idle;
  }

  private Plan.Site site(Site site, Set<Integer> idle) {
    var entries = new ArrayList<Plan.Entry>();
    long before = 0;
    for (Spot spot : layout.spots()) {
      boolean held = layout.holds(spot);
      if (!spot.isAt(site) || (!held && !spot.copy().resident())) {
        continue;
      }
      before += spot.copy().resident() ? Math.max(0, spot.copy().bytes().value()) : 0;
      Action action =
          !held
              ? Action.UNLOAD
              : !spot.copy().resident()
                  ? Action.LOAD
                  : idle.contains(spot.index()) ? Action.IDLE : Action.KEEP;
      entries.add(
          new Plan.Entry(
              spot.shelf().backend(),
              spot.copy().model(),
              action,
              spot.copy().bytes(),
              spot.pinned(),
              spot.shelf().simulated(),
              why(spot, action)));
    }
    addWanting(site, entries);
    return new Plan.Site(
        site.node(), site.room(), new Bytes(before), new Bytes(layout.used(site)), entries);
  }

  private void addWanting(Site site, List<Plan.Entry> entries) {
    for (Wanting want : wanting) {
      if (want.node().equals(site.node())) {
        Situation.Shelf shelf =
            site.shelves().stream()
                .filter(Situation.Shelf::loads)
                .findFirst()
                .orElse(site.shelves().getFirst());
        entries.add(
            new Plan.Entry(
                shelf.backend(),
                want.model(),
                want.action(),
                Bytes.UNKNOWN,
                true,
                shelf.simulated(),
                want.why()));
      }
    }
  }

  private String why(Spot spot, Action action) {
    double perHour = situation.need(spot.copy().model()).perHour();
    String asked =
        perHour < 0.05
            ? "hardly asked for"
            : String.format(Locale.ROOT, "asked for %.1f times an hour", perHour);
    return switch (action) {
      case KEEP, LOAD ->
          spot.pinned()
              ? "pinned" + (spot.site().room().isKnown() ? "" : ", its memory is unknown")
              : asked;
      case IDLE -> asked + ", not needed here";
      case UNLOAD ->
          asked + ", makes room for " + roomFor.getOrDefault(spot.index(), spot.copy().model());
      case PULL, CANNOT -> "";
    };
  }
}
