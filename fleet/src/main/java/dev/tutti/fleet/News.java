package dev.tutti.fleet;

import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import java.util.LinkedHashMap;
import java.util.Map;

/// Turns what is learned about a backend into its new state and the events that tell the
/// difference. Owner loop only.
final class News {
  private final Time time;
  private final Roster roster;
  private final Doubt doubt;

  News(Time time, Roster roster, Doubt doubt) {
    this.time = time;
    this.roster = roster;
    this.doubt = doubt;
  }

  /// Takes over facts and a sign. The caller settles.
  void learn(KnownBackend backend, BackendFacts facts, Liveness.Sign sign, String why) {
    BackendFacts old = backend.facts;
    int oldSlots = backend.slots();
    Health oldHealth = roster.health(backend);
    boolean couldHelp = roster.view(backend).lastResort();
    boolean first = !backend.factsKnown && !facts.equals(BackendFacts.NONE);
    backend.facts = facts;
    backend.factsKnown |= first;
    backend.liveness = after(backend.liveness, sign);
    roster.remember(facts.models());
    boolean changed =
        oldHealth != roster.health(backend)
            || couldHelp != roster.view(backend).lastResort()
            || oldSlots != backend.slots()
            || old.kind() != facts.kind()
            || !old.version().equals(facts.version());
    if (changed) {
      changed(backend, backend.liveness.trouble().isEmpty() ? why : backend.liveness.trouble());
    }
    if (backend.twin == null && !old.models().equals(facts.models())) {
      tellModels(backend, byName(old), byName(facts));
    }
  }

  /// What a state becomes by a sign, told now.
  Liveness after(Liveness old, Liveness.Sign sign) {
    Liveness next = old.after(sign, time.nanos(), doubt.isDoubting());
    if (next.suspicion() == Liveness.Suspicion.SILENT && old.suspicion() != next.suspicion()) {
      doubt.suspected(time.nanos(), roster.watched());
    }
    return next;
  }

  /// Judges a backend by a sign. Settles if that made any difference.
  void judge(KnownBackend backend, Liveness.Sign sign, String why) {
    Liveness old = backend.liveness;
    Health before = roster.health(backend);
    boolean couldHelp = roster.view(backend).lastResort();
    backend.liveness = after(old, sign);
    if (before != roster.health(backend) || couldHelp != roster.view(backend).lastResort()) {
      changed(backend, why(backend.liveness, why));
      roster.settle();
    } else if (!old.equals(backend.liveness)) {
      roster.touched();
    }
  }

  /// Judges a machine by its agent's sign. Settles if that made any difference.
  void judge(KnownNode node, Liveness.Sign sign, String why) {
    Liveness old = node.trust;
    Liveness next = after(old, sign);
    if (next.equals(old)) {
      return;
    }
    var reached =
        roster.backendsOf(node.id).stream().filter(backend -> backend.way == Way.AGENT).toList();
    var before = reached.stream().map(roster::health).toList();
    node.trust = next;
    if (next.health() == old.health()) {
      return;
    }
    String words = why(next, next.trouble().isEmpty() ? why : "");
    for (int i = 0; i < reached.size(); i++) {
      KnownBackend backend = reached.get(i);
      if (next.health() == Health.DOWN) {
        backend.watched = false;
        backend.evidenceHolds = false;
        backend.liveness =
            after(backend.liveness, new Liveness.Sign.Told(Health.DOWN, next.trouble()));
      }
      if (before.get(i) != roster.health(backend)) {
        changed(backend, words);
      }
    }
    node.shownConnected = next.health().isThere();
    changed(node, words);
    roster.settle();
  }

  private static String why(Liveness state, String why) {
    if (state.health() == Health.OFFLINE) {
      long seconds = LivenessLimits.OFFLINE_AFTER.toSeconds();
      return "down for " + seconds + " s: " + state.trouble();
    }
    return why.isEmpty() ? state.trouble() : why;
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
