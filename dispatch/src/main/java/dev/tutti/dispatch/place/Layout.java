package dev.tutti.dispatch.place;

import dev.tutti.core.ModelName;
import dev.tutti.dispatch.place.Situation.Copy;
import dev.tutti.dispatch.place.Situation.Shelf;
import dev.tutti.dispatch.place.Situation.Site;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which copies would be in memory, and what an hour of work would take then. One plan's own; a
/// cost depends on nothing but what is held.
///
/// Tasks go to the fastest engine that holds their model until it is busy for {@link #FULL} of its
/// time, then to the next one; the busier an engine, the longer they wait there. A model that is
/// held nowhere is brought into memory for each task: how often it would still be there by chance
/// nobody knows, so the figure is the most that it can be.
final class Layout {
  /// So much of its time an engine is thought to be busy before the next one helps.
  private static final double FULL = 0.7;

  /// An engine is never thought to be busier than this.
  private static final double BUSIEST = 0.95;

  private static final double SECONDS_PER_HOUR = 3_600;

  /// One copy in its place.
  record Spot(int index, Site site, Shelf shelf, int shelfIndex, Copy copy, boolean pinned) {
    boolean isAt(Site other) {
      return site.node().equals(other.node());
    }

    /// Tasks in a second that it could answer.
    double rate() {
      return Math.max(1, shelf.slots()) * 1e3 / Math.max(1, copy.crowdedMillis());
    }
  }

  /// What an hour takes.
  ///
  /// @param seconds all tasks' times together
  /// @param loads how often a model is brought into memory for a task
  record Cost(double seconds, double loads) {}

  private final Situation situation;
  private final List<Spot> spots = new ArrayList<>();

  /// The spots of each model that is asked for, fastest first; the model that gives most work
  /// first.
  private final Map<ModelName, List<Spot>> asked = new LinkedHashMap<>();

  private final boolean[] held;
  private int shelves;

  /// As things are.
  Layout(Situation situation) {
    this.situation = situation;
    for (Site site : situation.sites()) {
      for (Shelf shelf : site.shelves()) {
        for (Copy copy : shelf.copies()) {
          boolean pinned = situation.isPinned(copy.model(), site.node());
          spots.add(new Spot(spots.size(), site, shelf, shelves, copy, pinned));
        }
        shelves++;
      }
    }
    held = new boolean[spots.size()];
    spots.forEach(spot -> held[spot.index()] = spot.copy().resident());
    sortByWork();
  }

  private void sortByWork() {
    var byModel = new LinkedHashMap<ModelName, List<Spot>>();
    for (Spot spot : spots) {
      if (situation.need(spot.copy().model()).perHour() > 0) {
        byModel.computeIfAbsent(spot.copy().model(), _ -> new ArrayList<>()).add(spot);
      }
    }
    byModel
        .values()
        .forEach(each ->
            each.sort(
                Comparator.<Spot>comparingDouble(spot -> spot.copy().aloneMillis())
                    .thenComparing(spot -> spot.shelf().backend())));
    byModel.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<ModelName, List<Spot>>>comparingDouble(
                    entry -> -work(entry.getKey(), entry.getValue()))
                .thenComparing(Map.Entry::getKey))
        .forEach(entry -> asked.put(entry.getKey(), List.copyOf(entry.getValue())));
  }

  private double work(ModelName model, List<Spot> fastestFirst) {
    return situation.need(model).perHour() * fastestFirst.getFirst().copy().aloneMillis();
  }

  List<Spot> spots() {
    return spots;
  }

  /// The spots of models that are asked for, fastest first.
  Map<ModelName, List<Spot>> asked() {
    return asked;
  }

  boolean holds(Spot spot) {
    return held[spot.index()];
  }

  void hold(Spot spot, boolean hold) {
    held[spot.index()] = hold;
  }

  /// What models take of a machine's memory.
  long used(Site site) {
    long sum = 0;
    for (Spot spot : spots) {
      if (spot.isAt(site) && holds(spot)) {
        sum += Math.max(0, spot.copy().bytes().value());
      }
    }
    return sum;
  }

  /// What models would take more than they take now.
  private long more(Site site) {
    long sum = 0;
    for (Spot spot : spots) {
      if (spot.isAt(site) && holds(spot) != spot.copy().resident()) {
        long bytes = Math.max(0, spot.copy().bytes().value());
        sum += holds(spot) ? bytes : -bytes;
      }
    }
    return sum;
  }

  /// By how much a machine's memory is too small for one more copy; 0 or less when it fits.
  long lack(Spot spot) {
    Site site = spot.site();
    long bytes = Math.max(0, spot.copy().bytes().value());
    long lack = site.room().isKnown() ? used(site) + bytes - site.room().value() : Long.MIN_VALUE;
    return site.free().isKnown() ? Math.max(lack, more(site) + bytes - site.free().value()) : lack;
  }

  /// What an hour takes with what is held.
  Cost cost() {
    double[] busy = new double[shelves];
    double seconds = 0;
    double loads = 0;
    for (Map.Entry<ModelName, List<Spot>> entry : asked.entrySet()) {
      double perSecond = situation.need(entry.getKey()).perHour() / SECONDS_PER_HOUR;
      List<Spot> holders = entry.getValue().stream().filter(this::holds).toList();
      if (holders.isEmpty()) {
        seconds += SECONDS_PER_HOUR * perSecond * loading(entry.getValue(), perSecond, busy);
        loads += SECONDS_PER_HOUR * perSecond;
      } else {
        seconds += SECONDS_PER_HOUR * share(holders, perSecond, busy);
      }
    }
    return new Cost(seconds, loads);
  }

  /// Seconds for one task of a model that is brought into memory for it.
  private static double loading(List<Spot> places, double perSecond, double[] busy) {
    Spot best = places.getFirst();
    double least = Double.MAX_VALUE;
    for (Spot spot : places) {
      double millis =
          spot.copy().loadMillis() + spot.copy().aloneMillis() * crowd(busy[spot.shelfIndex()]);
      if (millis < least) {
        least = millis;
        best = spot;
      }
    }
    busy[best.shelfIndex()] += perSecond / best.rate();
    return least / 1e3;
  }

  /// Seconds in each second that the model's tasks spend with those who hold it.
  private static double share(List<Spot> holders, double perSecond, double[] busy) {
    double[] takes = new double[holders.size()];
    double left = perSecond;
    double rates = 0;
    for (int i = 0; i < takes.length; i++) {
      Spot spot = holders.get(i);
      double room = Math.max(0, FULL - busy[spot.shelfIndex()]) * spot.rate();
      takes[i] = Math.min(left, room);
      left -= takes[i];
      busy[spot.shelfIndex()] += takes[i] / spot.rate();
      rates += spot.rate();
    }
    double seconds = 0;
    for (int i = 0; i < takes.length; i++) {
      Spot spot = holders.get(i);
      double rest = left * spot.rate() / rates;
      busy[spot.shelfIndex()] += rest / spot.rate();
      seconds +=
          (takes[i] + rest) * spot.copy().aloneMillis() / 1e3 * crowd(busy[spot.shelfIndex()]);
    }
    return seconds;
  }

  private static double crowd(double busy) {
    return 1 / (1 - Math.min(BUSIEST, busy));
  }
}
