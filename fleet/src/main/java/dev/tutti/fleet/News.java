package dev.tutti.fleet;

import dev.tutti.core.ModelName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns what is learned about a backend into its new state and the events that tell the
/// difference. Owner loop only.
final class News {
  private final Roster roster;

  News(Roster roster) {
    this.roster = roster;
  }

  /// Takes over facts and a verdict. The caller settles.
  void learn(KnownBackend backend, BackendFacts facts, Liveness liveness, String why) {
    BackendFacts old = backend.facts;
    int oldSlots = backend.slots();
    Health oldHealth = backend.liveness.health();
    boolean first = !backend.factsKnown && !facts.equals(BackendFacts.NONE);
    backend.facts = facts;
    backend.factsKnown |= first;
    backend.liveness = liveness;
    roster.remember(facts.models());
    boolean changed =
        oldHealth != liveness.health()
            || oldSlots != backend.slots()
            || old.kind() != facts.kind()
            || !old.version().equals(facts.version());
    if (changed) {
      changed(backend, liveness.trouble().isEmpty() ? why : liveness.trouble());
    }
    if (backend.twin == null && !old.models().equals(facts.models())) {
      tellModels(backend, byName(old), byName(facts));
    }
  }

  /// Judges a backend by a sign. Settles if that made any difference.
  void judge(@Nullable KnownBackend backend, Liveness.Sign sign, String why) {
    if (backend == null) {
      return;
    }
    Liveness old = backend.liveness;
    backend.liveness = old.after(sign);
    if (old.health() != backend.liveness.health()) {
      changed(backend, why);
      roster.settle();
    } else if (!old.equals(backend.liveness)) {
      roster.touched();
    }
  }

  void changed(KnownBackend backend, String why) {
    if (backend.shown) {
      roster.tell(new FleetEvent.BackendChanged(roster.view(backend), why));
    }
  }

  void changed(KnownNode node, String why) {
    if (node.shown) {
      roster.tell(new FleetEvent.NodeChanged(roster.view(node), why));
    }
  }

  private void tellModels(
      KnownBackend backend, Map<ModelName, ModelFacts> before, Map<ModelName, ModelFacts> after) {
    before.forEach((name, facts) -> {
      ModelFacts now = after.get(name);
      if (facts.loaded().resident() && (now == null || !now.loaded().resident())) {
        roster.tell(new FleetEvent.ModelUnloaded(backend.id, backend.node, name));
      }
      if (now == null) {
        roster.tell(new FleetEvent.ModelVanished(backend.id, backend.node, name));
      }
    });
    after.forEach((name, facts) -> {
      ModelFacts was = before.get(name);
      if (was == null) {
        roster.tell(new FleetEvent.ModelAppeared(backend.id, backend.node, name));
      }
      if (facts.loaded().resident() && (was == null || !was.loaded().resident())) {
        roster.tell(new FleetEvent.ModelLoaded(backend.id, backend.node, name));
      }
    });
  }

  private static Map<ModelName, ModelFacts> byName(BackendFacts facts) {
    var models = new LinkedHashMap<ModelName, ModelFacts>();
    facts.models().forEach(model -> models.put(model.name(), model));
    return models;
  }
}
