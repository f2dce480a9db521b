package dev.tutti.backends;

import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.dialects.Work;
import dev.tutti.fleet.ModelFacts;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The models in one Ollama's memory, as its facts and our own requests tell: {@link LoadPolicy}
/// decides by it. Owner loop only.
///
/// What we asked for counts until the engine's own list has had time to show it; then the list
/// counts. At most one entry for each model that work was given for since it was loaded.
public final class OllamaMemory implements ModelMemory {
  /// So long after its last use by us a model's facts show what became of it.
  static final Duration SETTLED_AFTER = Duration.ofSeconds(5);

  /// Ollama shows a model that it keeps for ever as one that expires in some centuries.
  private static final Duration NEARLY_FOREVER = Duration.ofDays(3_650);

  private final Function<ModelName, Optional<ModelFacts>> facts;
  private final Function<ModelName, LoadRule> rules;
  private final Time time;
  private final Map<ModelName, Entry> entries = new HashMap<>();

  /// The memory of an engine that we have asked for nothing.
  ///
  /// @param facts the newest facts of a model on that engine
  /// @param rules what the owner says of a model
  public OllamaMemory(
      Function<ModelName, Optional<ModelFacts>> facts,
      Function<ModelName, LoadRule> rules,
      Time time) {
    this.facts = facts;
    this.rules = rules;
    this.time = time;
  }

  @Override
  public Verdict judge(Work work, ModelName model) {
    if (isUnload(work)) {
      return Verdict.AS_ASKED;
    }
    LoadPolicy.Terms terms = terms(work, model);
    return new Verdict(Optional.of(terms.load()), Optional.empty(), String.join(", ", terms.why()));
  }

  private static boolean isUnload(Work work) {
    return work instanceof Work.Residency residency && residency.unload();
  }

  private LoadPolicy.Terms terms(Work work, ModelName model) {
    int max = facts.apply(model).map(ModelFacts::contextTokens).orElse(0);
    return LoadPolicy.decide(OllamaLoad.of(work), held(model), rules.apply(model), max);
  }

  @Override
  public Use begin(Work work, ModelName model, Verdict verdict, Runnable send) {
    if (isUnload(work)) {
      send.run();
      return end -> {
        if (end == End.DONE) {
          entries.put(model, Entry.unloaded(loaded(model), time.nanos()));
        }
      };
    }
    LoadPolicy.Held before = held(model);
    LoadPolicy.Held after = terms(work, model).after();
    Entry known = entries.get(model);
    var entry = known == null || known.unloaded != null ? new Entry() : known;
    entry.held = after;
    entry.users++;
    entry.usedNanos = time.nanos();
    entries.put(model, entry);
    var use = new Running(entry, before.context(), after.context(), send);
    entry.line.enter(use);
    return use;
  }

  /// One piece of work on its way.
  private final class Running implements Use, LoadLine.Place {
    private final Entry entry;
    private final int before;
    private final int context;
    private final Runnable send;

    Running(Entry entry, int before, int context, Runnable send) {
      this.entry = entry;
      this.before = before;
      this.context = context;
      this.send = send;
    }

    @Override
    public int context() {
      return context;
    }

    @Override
    public void go() {
      send.run();
    }

    @Override
    public void heard() {
      entry.line.leave(this);
    }

    @Override
    public void over(End end) {
      entry.users--;
      entry.usedNanos = time.nanos();
      if (end == End.FAILED && context > before && entry.held.context() == context) {
        // Perhaps there was no room for it: what the engine shows counts.
        entry.held = withContext(entry.held, before);
      }
      entry.line.leave(this);
    }
  }

  private static LoadPolicy.Held withContext(LoadPolicy.Held held, int context) {
    return new LoadPolicy.Held(
        held.present(), context, held.others(), held.longest(), held.usual(), held.remaining());
  }

  private ModelFacts.Loaded loaded(ModelName model) {
    return facts.apply(model).map(ModelFacts::loaded).orElse(ModelFacts.Loaded.NOT);
  }

  /// What is in memory, as far as anybody knows.
  private LoadPolicy.Held held(ModelName model) {
    ModelFacts.Loaded told = loaded(model);
    Entry entry = entries.get(model);
    if (entry == null) {
      return byFacts(told);
    }
    if (entry.unloaded != null) {
      // The facts from before the unloading say nothing any more.
      return told.equals(entry.unloaded) && !settled(entry) ? LoadPolicy.Held.NOT : forget(model);
    }
    if (settled(entry)) {
      // An old Ollama does not tell with which context.
      int context = told.contextTokens() > 0 ? told.contextTokens() : entry.held.context();
      return told.resident() ? shown(entry.held, context, told) : forget(model);
    }
    int context = told.resident() ? told.contextTokens() : 0;
    return shown(entry.held, Math.max(entry.held.context(), context), told);
  }

  private LoadPolicy.Held forget(ModelName model) {
    entries.remove(model);
    return byFacts(loaded(model));
  }

  private boolean settled(Entry entry) {
    return entry.users == 0 && time.nanos() - entry.usedNanos > SETTLED_AFTER.toNanos();
  }

  private LoadPolicy.Held shown(LoadPolicy.Held held, int context, ModelFacts.Loaded told) {
    return new LoadPolicy.Held(
        true, context, held.others(), held.longest(), held.usual(), remaining(told));
  }

  /// A model that others have loaded: they rely on the engine's own time.
  private LoadPolicy.Held byFacts(ModelFacts.Loaded told) {
    return told.resident()
        ? new LoadPolicy.Held(
            true, told.contextTokens(), Map.of(), Optional.empty(), true, remaining(told))
        : LoadPolicy.Held.NOT;
  }

  private Duration remaining(ModelFacts.Loaded told) {
    if (!told.resident() || told.expiresAt().isEmpty()) {
      return Duration.ZERO;
    }
    try {
      Duration left =
          Duration.between(time.now(), OffsetDateTime.parse(told.expiresAt()).toInstant());
      if (left.compareTo(NEARLY_FOREVER) > 0) {
        return OllamaLoad.FOREVER;
      }
      return left.isNegative() ? Duration.ZERO : Duration.ofSeconds(left.toSeconds());
    } catch (DateTimeException | ArithmeticException _) {
      return Duration.ZERO;
    }
  }

  private static final class Entry {
    final LoadLine line = new LoadLine();
    LoadPolicy.Held held = LoadPolicy.Held.NOT;
    int users;
    long usedNanos;

    /// What the facts said when it was unloaded through us, if that is the last thing we did.
    ModelFacts.@Nullable Loaded unloaded;

    static Entry unloaded(ModelFacts.Loaded told, long now) {
      var entry = new Entry();
      entry.unloaded = told;
      entry.usedNanos = now;
      return entry;
    }
  }
}
