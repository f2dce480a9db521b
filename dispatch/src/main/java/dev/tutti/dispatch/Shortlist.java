package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.dispatch.predict.PrefixIndex;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Which places are looked at where there are too many to look at all of them: so that a choice
/// costs the same in a fleet of a thousand as in one of {@value #ALL}. Owner loop only.
///
/// Of a large fleet these are looked at: those whose slot has just become free, those that have the
/// most of the prompt in their cache, some with a free slot, and some whoever they are. The best of
/// twenty at random is among the best tenth of all, nearly always.
final class Shortlist<W, E> {
  /// Up to so many places all are looked at.
  static final int ALL = 32;

  /// So many that have read the beginning of the prompt.
  private static final int KNOWING = 6;

  /// So many with a free slot.
  private static final int OPEN = 8;

  /// So many are looked at for a free slot.
  private static final int SEARCHED = 128;

  /// So many of any kind: there may be one that is worth waiting for.
  private static final int ANY = 4;

  /// The golden ratio's part after the point: steps of it come nowhere twice and everywhere soon.
  private static final double STEP = 0.6180339887498949;

  private final Floor<W, E> floor;
  private double place;

  Shortlist(Floor<W, E> floor) {
    this.floor = floor;
  }

  List<Fit.Place> of(Fit.Places places, PrefixIndex.Match match) {
    List<Fit.Place> live = places.live();
    if (live.size() <= ALL) {
      return live;
    }
    var some = new Some(places);
    floor.opened().forEach(some::add);
    int knowing = 0;
    for (BackendId backend : match.holders()) {
      some.add(backend);
      if (++knowing == KNOWING) {
        break;
      }
    }
    int open = 0;
    int at = next(live.size());
    for (int i = 0; i < SEARCHED && i < live.size() && open < OPEN; i++) {
      Desk<W, E> desk = floor.desk(live.get(at).backend().id());
      if (desk != null && desk.isOpen()) {
        some.add(at);
        open++;
      }
      at = at + 1 == live.size() ? 0 : at + 1;
    }
    for (int i = 0; i < ANY; i++) {
      some.add(next(live.size()));
    }
    return some.chosen;
  }

  private int next(int size) {
    place = (place + STEP) % 1;
    return (int) (place * size);
  }

  /// Places, each once.
  private static final class Some {
    private final Fit.Places places;
    private final BitSet there = new BitSet();
    final List<Fit.Place> chosen = new ArrayList<>(Floor.RECENT + KNOWING + OPEN + ANY);

    Some(Fit.Places places) {
      this.places = places;
    }

    void add(BackendId backend) {
      Integer at = places.positions().get(backend);
      if (at != null) {
        add(at.intValue());
      }
    }

    void add(int at) {
      if (!there.get(at)) {
        there.set(at);
        chosen.add(places.live().get(at));
      }
    }
  }
}
