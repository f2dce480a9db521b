package dev.tutti.dispatch.place;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.dispatch.predict.Foresight;
import dev.tutti.dispatch.predict.Pace;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Footprint;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/// Looks at the fleet as a plan needs it. Owner loop only, since what was learned belongs there.
///
/// @param foresight what was learned of engines
/// @param needs what each model is asked for
/// @param pins which models are to be held on which machines
/// @param contexts the context that the owner wants for a model, 0 when he does not say
/// @param running the models that answer just now, on which engine
public record Survey(
    Foresight<?> foresight,
    Map<ModelName, Demand.Need> needs,
    Map<ModelName, Set<NodeId>> pins,
    ToIntFunction<ModelName> contexts,
    Map<BackendId, Set<ModelName>> running) {
  /// What was used within so many times of what it takes to load it is not taken out of memory.
  public static final int FRESH_LOADS = 10;

  /// The detail by which an Ollama tells that somebody else runs a model.
  private static final String REMOTE_HOST = "remote_host";

  /// Copies the maps.
  public Survey {
    needs = Map.copyOf(needs);
    pins = Map.copyOf(pins);
    running = Map.copyOf(running);
  }

  /// The machines with an engine that takes work, in the order of their names.
  public Situation of(FleetView fleet) {
    List<Situation.Site> sites =
        fleet.nodes().stream()
            .sorted(Comparator.comparing(NodeView::id))
            .map(this::site)
            .filter(site -> !site.shelves().isEmpty())
            .toList();
    return new Situation(sites, needs, pins);
  }

  private Situation.Site site(NodeView node) {
    Hardware hardware = node.hardware();
    boolean card =
        hardware.vram().value() > 0 && hardware.vram().compareTo(hardware.ramTotal()) < 0;
    return new Situation.Site(
        node.id(),
        Footprint.roomOf(hardware),
        card ? Bytes.UNKNOWN : hardware.ramFree(),
        node.backends().stream().allMatch(BackendView::takesWork),
        node.backends().stream()
            .filter(BackendView::takesWork)
            .sorted(Comparator.comparing(BackendView::id))
            .map(backend -> shelf(node, backend))
            .toList());
  }

  private Situation.Shelf shelf(NodeView node, BackendView backend) {
    var copies = new ArrayList<Situation.Copy>();
    for (ModelFacts model : backend.facts().models()) {
      boolean matters =
          model.loaded().resident()
              || needs.containsKey(model.name())
              || pins.containsKey(model.name());
      if (matters && !model.details().containsKey(REMOTE_HOST)) {
        copies.add(copy(node, backend, model));
      }
    }
    copies.sort(Comparator.comparing(Situation.Copy::model));
    return new Situation.Shelf(
        backend.id(), loads(backend.facts().kind()), slots(backend), isSimulated(backend), copies);
  }

  /// Whether such an engine loads and unloads when it is told to.
  private static boolean loads(BackendKind kind) {
    return switch (kind) {
      case OLLAMA -> true;
      case LLAMA_SERVER, VLLM, LM_STUDIO, OPENAI, ANTHROPIC -> false;
    };
  }

  private static int slots(BackendView backend) {
    return Math.max(1, backend.slots());
  }

  private static boolean isSimulated(BackendView backend) {
    return backend.facts().simulated();
  }

  private Situation.Copy copy(NodeView node, BackendView backend, ModelFacts model) {
    Pace pace = foresight.pace(node, backend, model);
    Demand.Need need = needs.getOrDefault(model.name(), Demand.Need.NONE);
    double read = need.promptTokens();
    double write = need.outputTokens();
    int others = slots(backend) - 1;
    boolean fresh = need.idle().toMillis() < FRESH_LOADS * pace.loadMillis();
    boolean busy = running.getOrDefault(backend.id(), Set.of()).contains(model.name());
    return new Situation.Copy(
        model.name(),
        bytes(backend, model),
        model.loaded().resident(),
        model.loaded().resident() && (fresh || busy),
        pace.loadMillis(),
        pace.overheadMillis() + pace.readMillis(read, 0, 0) + pace.writeMillis(write, 0, 0),
        pace.overheadMillis()
            + pace.readMillis(read, read * others, 0)
            + pace.writeMillis(write, 0, write * others));
  }

  /// What it takes in memory: as the engine tells of one that is there, else estimated.
  private Bytes bytes(BackendView backend, ModelFacts model) {
    return model.loaded().bytes().value() > 0
        ? model.loaded().bytes()
        : Footprint.of(model, context(model), slots(backend));
  }

  private int context(ModelFacts model) {
    return contextOf(model, contexts.applyAsInt(model.name()));
  }

  /// The context with which a model is loaded by a plan, in tokens.
  ///
  /// @param wanted what the owner says, 0 when he does not
  public static int contextOf(ModelFacts model, int wanted) {
    if (wanted > 0) {
      return wanted;
    }
    if (model.loaded().contextTokens() > 0) {
      return model.loaded().contextTokens();
    }
    int most = model.contextTokens() > 0 ? model.contextTokens() : Footprint.USUAL_CONTEXT;
    return Math.min(most, Footprint.USUAL_CONTEXT);
  }
}
