package dev.tutti.dispatch.predict;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Prompt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which beginnings of prompts each engine has read lately, so that a conversation can go on where
/// its beginning is still in a cache.
///
/// An engine's cache is a shelf with room for so many tokens, on which what was used longest ago
/// gives way first, the ends of prompts before their beginnings. How much room there is nobody
/// says: it is guessed, and made smaller when an engine tells that it had less than was thought.
public final class PrefixIndex {
  /// The room of an engine of which nothing is known, in tokens for each of its slots.
  public static final int USUAL_TOKENS_PER_SLOT = 32_768;

  /// What is left of the room when it proves too large.
  private static final double LOSS = 0.7;

  /// How much of it comes back with each prompt, in tokens, up to the first guess.
  private static final double HOPE_TOKENS = 8;

  /// The most that the first guess of the room grows, when an engine always has what was expected.
  private static final int MOST_GROWTH = 16;

  /// The most shelves; the one unused for longest goes first.
  static final int MAX_SHELVES = 4_096;

  /// The most engines remembered for one beginning, the newest: the others are not needed to find a
  /// good one.
  static final int MAX_HOLDERS = 32;

  /// The most boundaries on one shelf.
  static final int MAX_ON_SHELF = 65_536;

  /// How fast the guess of the room grows while it proves true.
  private static final double GROWTH = 1.02;

  private final Map<Long, ArrayList<Shelf>> holders = new HashMap<>();
  private final Map<Key, Shelf> shelves = new LinkedHashMap<>(64, 0.75f, true);

  /// Grows with each match.
  private long matches;

  /// How many tokens of the prompt each engine with that model has in its cache, about.
  public Match match(ModelName model, Prompt prompt) {
    var match = new Match();
    matches++;
    int salt = model.hashCode();
    for (int i = prompt.boundaries() - 1; i >= 0; i--) {
      List<Shelf> there = holders.get(key(salt, prompt.hash(i)));
      if (there != null) {
        int tokens = Math.min(prompt.tokensTo(i), prompt.tokens());
        for (Shelf shelf : there) {
          if (shelf.matched != matches) {
            shelf.matched = matches;
            match.put(shelf.key.backend, tokens);
          }
        }
      }
    }
    return match;
  }

  /// The engine reads the prompt: from now on it has it.
  ///
  /// @param room tokens that its cache has room for, as far as anybody knows
  public void read(BackendId backend, ModelName model, Prompt prompt, int room) {
    if (prompt.boundaries() == 0) {
      return;
    }
    var key = new Key(backend, model);
    Shelf shelf = shelves.computeIfAbsent(key, _ -> new Shelf(key, room));
    int salt = model.hashCode();
    // The beginning last, so that it is the newest and ends give way before it.
    for (int i = prompt.boundaries() - 1; i >= 0; i--) {
      int tokens = prompt.tokensTo(i) - (i == 0 ? 0 : prompt.tokensTo(i - 1));
      shelf.put(key(salt, prompt.hash(i)), tokens);
    }
    // Now and then it is seen whether there is room after all.
    shelf.room = Math.max(shelf.room, Math.min(shelf.first, shelf.room + HOPE_TOKENS));
    shelf.shrink();
    forgetShelves();
  }

  /// The engine said how much of the prompt it had.
  ///
  /// @param expected tokens that were thought to be in its cache
  /// @param found tokens that were
  public void told(BackendId backend, ModelName model, int expected, int found, int tolerance) {
    Shelf shelf = shelves.get(new Key(backend, model));
    if (shelf == null || expected <= tolerance) {
      return;
    }
    if (found + tolerance < expected) {
      shelf.room = LOSS * Math.min(shelf.room, shelf.tokens);
      shelf.shrink();
    } else if (shelf.tokens > shelf.room / GROWTH) {
      shelf.room = Math.min(shelf.most, shelf.room * GROWTH);
    }
  }

  /// The engine is gone or its model was unloaded: its cache is empty.
  public void forget(BackendId backend, ModelName model) {
    Shelf shelf = shelves.remove(new Key(backend, model));
    if (shelf != null) {
      shelf.clear();
    }
  }

  private void forgetShelves() {
    while (shelves.size() > MAX_SHELVES) {
      var eldest = shelves.entrySet().iterator();
      Shelf shelf = eldest.next().getValue();
      eldest.remove();
      shelf.clear();
    }
  }

  private static long key(int salt, long hash) {
    return hash ^ (salt * 0x9E3779B97F4A7C15L);
  }

  private record Key(BackendId backend, ModelName model) {}

  /// How much of one prompt is where.
  public static final class Match {
    private @Nullable Map<BackendId, Integer> tokens;

    /// Tokens of the prompt in that engine's cache.
    public int tokens(BackendId backend) {
      return tokens == null ? 0 : tokens.getOrDefault(backend, 0);
    }

    /// The engines that have any of it, who has most first.
    public Iterable<BackendId> holders() {
      return tokens == null ? List.of() : tokens.keySet();
    }

    private void put(BackendId backend, int there) {
      Map<BackendId, Integer> known = tokens;
      if (known == null) {
        known = new LinkedHashMap<>();
        tokens = known;
      }
      known.put(backend, there);
    }
  }

  /// What one engine has for one model.
  private final class Shelf {
    final Key key;
    final double first;
    private final double most;
    double room;
    double tokens;

    /// The last match it was in: each is in one once, with the most that it has.
    long matched;

    private final LinkedHashMap<Long, Integer> marks = new LinkedHashMap<>(64, 0.75f, true);

    Shelf(Key key, int room) {
      this.key = key;
      this.first = room;
      this.most = MOST_GROWTH * (double) room;
      this.room = room;
    }

    void put(long mark, int span) {
      if (marks.get(mark) != null) {
        return;
      }
      marks.put(mark, span);
      tokens += span;
      ArrayList<Shelf> there = holders.computeIfAbsent(mark, _ -> new ArrayList<>(2));
      if (there.size() >= MAX_HOLDERS) {
        there.removeFirst();
      }
      there.add(this);
    }

    void shrink() {
      while ((tokens > room || marks.size() > MAX_ON_SHELF) && !marks.isEmpty()) {
        var eldest = marks.pollFirstEntry();
        tokens -= eldest.getValue();
        leave(eldest.getKey());
      }
    }

    void clear() {
      marks.keySet().forEach(this::leave);
      marks.clear();
      tokens = 0;
    }

    private void leave(long mark) {
      List<Shelf> there = holders.get(mark);
      if (there != null) {
        there.remove(this);
        if (there.isEmpty()) {
          holders.remove(mark);
        }
      }
    }
  }
}
