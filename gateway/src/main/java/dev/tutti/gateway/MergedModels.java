package dev.tutti.gateway;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.ModelFacts;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// All models that the mesh can answer with now, those of the same name merged into one. Made from
/// a snapshot, so an engine that does not answer never slows a list down.
///
/// A backend's models are listed while it answers, if only with "busy", and is not drained. The
/// order is that of the names. Where backends hold different things under one name, the list shows
/// what most of them hold, and of equally many the one with the digest that sorts first.
final class MergedModels {
  private final Map<ModelName, Entry> entries;

  private MergedModels(Map<ModelName, Entry> entries) {
    this.entries = entries;
  }

  /// One model.
  ///
  /// @param facts as a backend tells them that holds the shown digest
  /// @param holders every backend that offers the name, in order of their names
  /// @param loaded the running instance that stays longest, or not resident
  /// @param loadedOn every backend that has it in memory, the one of `loaded` first
  /// @param conflict whether the backends hold different things under this name
  /// @param simulated whether all holders are simulated engines
  record Entry(
      ModelFacts facts,
      List<BackendView> holders,
      ModelFacts.Loaded loaded,
      List<BackendView> loadedOn,
      boolean conflict,
      boolean simulated) {
    ModelName name() {
      return facts.name();
    }
  }

  /// The models of a fleet.
  static MergedModels of(FleetView fleet) {
    var holders = new TreeMap<ModelName, List<Held>>();
    fleet.backends().values().stream()
        .filter(MergedModels::isListed)
        .sorted(Comparator.comparing(BackendView::id))
        .forEach(backend -> {
          for (ModelFacts facts : backend.facts().models()) {
            holders
                .computeIfAbsent(facts.name(), _ -> new ArrayList<>())
                .add(new Held(backend, facts));
          }
        });
    var entries = new TreeMap<ModelName, Entry>();
    holders.forEach((name, held) -> entries.put(name, merge(held)));
    return new MergedModels(entries);
  }

  /// Every model, in order.
  List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /// The model of that name.
  Optional<Entry> find(ModelName name) {
    return Optional.ofNullable(entries.get(name));
  }

  private static boolean isListed(BackendView backend) {
    return backend.health().isThere() && !backend.drained();
  }

  private static Entry merge(List<Held> held) {
    var votes = new HashMap<String, Integer>();
    held.forEach(each -> votes.merge(each.facts().digest(), 1, Integer::sum));
    // An engine that gives no digest agrees with everybody.
    String digest =
        votes.entrySet().stream()
            .filter(vote -> !vote.getKey().isEmpty())
            .min(
                Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(Map.Entry::getKey)
            .orElse("");
    ModelFacts shown =
        held.stream()
            .map(Held::facts)
            .filter(facts -> facts.digest().equals(digest))
            .findFirst()
            .orElse(held.getFirst().facts());
    List<Held> inMemory =
        held.stream()
            .filter(each -> each.facts().loaded().resident())
            .sorted(Comparator.comparing((Held each) -> expiry(each.facts().loaded())).reversed())
            .toList();
    long digests = votes.keySet().stream().filter(text -> !text.isEmpty()).count();
    return new Entry(
        shown,
        held.stream().map(Held::backend).toList(),
        inMemory.isEmpty() ? ModelFacts.Loaded.NOT : inMemory.getFirst().facts().loaded(),
        inMemory.stream().map(Held::backend).toList(),
        digests > 1,
        held.stream().allMatch(each -> each.backend().facts().simulated()));
  }

  /// When an instance leaves memory. What nobody will unload, or whose end nobody can read, stays
  /// longest; engines write times in their own zones, so texts cannot be compared.
  static Instant expiry(ModelFacts.Loaded loaded) {
    try {
      return loaded.expiresAt().isEmpty()
          ? Instant.MAX
          : OffsetDateTime.parse(loaded.expiresAt()).toInstant();
    } catch (DateTimeException _) {
      return Instant.MAX;
    }
  }

  private record Held(BackendView backend, ModelFacts facts) {}
}
