package dev.tutti.backends;

import dev.tutti.dialects.OllamaLoad;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// How a model is held in an Ollama's memory, decided for each request: pure.
///
/// An Ollama loads a model anew when a request's context or other load options differ from those it
/// was loaded with. So that clients of different opinions do not make it do so in turns:
/// - the owner's context holds, else the context only ever grows: who asks for less, or for
///   nothing, gets what is loaded; who asks for more raises it once, up to what the model allows;
/// - the other load options are those of the request that loaded the model;
/// - the model stays for the longest time that anybody asked for since it was loaded.
final class LoadPolicy {
  /// The context that every Ollama loads a model with when nobody says: some take more, none less.
  static final int LEAST_DEFAULT_CONTEXT = 2_048;

  /// How long Ollama keeps a model unless told: its documented default.
  static final Duration DEFAULT_KEEP_ALIVE = Duration.ofMinutes(5);

  private LoadPolicy() {}

  /// What is known of a model in memory.
  ///
  /// @param present whether it is in memory, or on its way
  /// @param context what it was loaded with, 0 when nobody said and the engine has not told yet
  /// @param others the other load options it was loaded with, as far as they went through us
  /// @param longest the longest time somebody asked to keep it since it was loaded
  /// @param usual whether somebody who said nothing relies on the engine's own time
  /// @param remaining how much longer it stays as the engine tells, zero when unknown
  record Held(
      boolean present,
      int context,
      Map<String, JsonNode> others,
      Optional<Duration> longest,
      boolean usual,
      Duration remaining) {
    /// Not in memory.
    static final Held NOT = new Held(false, 0, Map.of(), Optional.empty(), false, Duration.ZERO);

    /// Copies the map.
    Held {
      others = Map.copyOf(others);
    }
  }

  /// What was decided.
  ///
  /// @param load what the engine is asked
  /// @param after what will be in memory then
  /// @param why what differs from the request, for people; empty when nothing does
  record Terms(OllamaLoad load, Held after, List<String> why) {
    /// Copies the list.
    Terms {
      why = List.copyOf(why);
    }
  }

  /// Decides.
  ///
  /// @param wish what the request says
  /// @param maxContext the longest context that the model allows, 0 when unknown
  static Terms decide(OllamaLoad wish, Held held, LoadRule rule, int maxContext) {
    var why = new ArrayList<String>();
    int context = context(wish, held, rule, maxContext, why);
    Map<String, JsonNode> others = others(wish, held, why);
    Keep keep = keep(wish, held, rule, why);
    var options = new TreeMap<>(others);
    if (context > 0) {
      options.put(OllamaLoad.CONTEXT, number(context));
    }
    return new Terms(
        new OllamaLoad(options, keep.said()),
        new Held(true, context, others, keep.longest(), keep.usual(), held.remaining()),
        why);
  }

  private static JsonNode number(int value) {
    return JsonNodeFactory.instance.numberNode(value);
  }

  /// The context to ask for; 0 leaves it to the engine.
  private static int context(
      OllamaLoad wish, Held held, LoadRule rule, int maxContext, List<String> why) {
    int asked = wish.context().orElse(0);
    if (rule.context().isPresent()) {
      int pinned = rule.context().getAsInt();
      if (asked != pinned) {
        why.add("context " + pinned + " by the settings" + instead(asked));
      }
      return pinned;
    }
    int wanted = maxContext > 0 ? Math.min(asked, maxContext) : asked;
    if (wanted < asked) {
      why.add("context " + wanted + " is all that the model has" + instead(asked));
    }
    if (!held.present()) {
      return wanted;
    }
    if (held.context() == 0) {
      // It is on its way with the engine's own context, which is not known to be less.
      if (wanted > 0 && wanted <= LEAST_DEFAULT_CONTEXT) {
        why.add("context as loaded" + instead(asked));
      }
      return wanted > LEAST_DEFAULT_CONTEXT ? wanted : 0;
    }
    if (wanted > held.context()) {
      why.add("context raised from " + held.context() + " to " + wanted);
      return wanted;
    }
    if (wanted < held.context()) {
      why.add("context " + held.context() + " as loaded" + instead(asked));
    }
    return held.context();
  }

  private static String instead(int asked) {
    return asked > 0 ? ", not " + asked : "";
  }

  private static Map<String, JsonNode> others(OllamaLoad wish, Held held, List<String> why) {
    if (!held.present()) {
      return wish.others();
    }
    var changed = new TreeSet<String>();
    wish.others()
        .forEach((name, value) -> {
          if (!value.equals(held.others().get(name))) {
            changed.add(name);
          }
        });
    if (!changed.isEmpty()) {
      why.add(String.join(", ", changed) + " as loaded");
    }
    return held.others();
  }

  private record Keep(Optional<JsonNode> said, Optional<Duration> longest, boolean usual) {}

  private static Keep keep(OllamaLoad wish, Held held, LoadRule rule, List<String> why) {
    Optional<Duration> wished = wish.keepFor();
    if (wish.keepAlive().isPresent() && wished.isEmpty()) {
      // The engine will say what is wrong with it.
      return new Keep(wish.keepAlive(), held.longest(), held.usual());
    }
    boolean usual = held.usual() || (wished.isEmpty() && rule.keepAlive().isEmpty());
    Optional<Duration> longest = longer(longer(held.longest(), wished), rule.keepAlive());
    if (longest.isPresent() && held.present()) {
      longest = longer(longest, Optional.of(held.remaining()));
    }
    if (longest.isEmpty() || (usual && longest.get().compareTo(DEFAULT_KEEP_ALIVE) <= 0)) {
      if (wished.isPresent()) {
        why.add("kept for the engine's own time");
      }
      return new Keep(Optional.empty(), longest, usual);
    }
    if (wished.equals(longest)) {
      return new Keep(wish.keepAlive(), longest, usual);
    }
    if (wished.isPresent()) {
      why.add("kept for " + words(longest.get()));
    }
    return new Keep(longest.map(OllamaLoad::keepAlive), longest, usual);
  }

  private static Optional<Duration> longer(Optional<Duration> one, Optional<Duration> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.isPresent() ? one : other;
    }
    return one.get().compareTo(other.get()) >= 0 ? one : other;
  }

  private static String words(Duration duration) {
    return duration.equals(OllamaLoad.FOREVER) ? "ever" : duration.toSeconds() + " s";
  }
}
