package dev.tutti.simulate;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.Engine;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelTypes;
import dev.tutti.fleet.NodeView;
import dev.tutti.fleet.Way;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The machines of a simulation: their engines, and the facts about them as the dispatcher sees
/// them. Owner loop only.
final class ModelledFleet {
  private final Time time;
  private final FleetSpec spec;
  private final List<ModelledEngine> engines = new ArrayList<>();
  private FleetView view = FleetView.EMPTY;

  ModelledFleet(Time time, FleetSpec spec) {
    this.time = time;
    this.spec = spec;
  }

  /// The facts as they are now.
  FleetView view() {
    return view;
  }

  List<ModelledEngine> engines() {
    return engines;
  }

  /// Makes the engines and gives them to the dispatcher.
  void open(Dispatcher<Request, Piece> dispatcher) {
    for (NodeSpec node : spec.nodes()) {
      if (!node.rates().isEmpty()) {
        BackendId id = node.backend();
        var slots = dispatcher.slots(id);
        var engine =
            new ModelledEngine(
                time,
                node,
                spec.models(),
                slots,
                () -> {
                  look();
                  dispatcher.fleetChanged();
                });
        engines.add(engine);
        dispatcher.attach(id, engine);
        for (int i = 0; i < node.slots(); i++) {
          slots.slotOpened();
        }
      }
    }
    look();
    dispatcher.fleetChanged();
  }

  /// Makes the engines for somebody who gives them work without asking for slots.
  void openAlone() {
    for (NodeSpec node : spec.nodes()) {
      if (!node.rates().isEmpty()) {
        engines.add(new ModelledEngine(time, node, spec.models(), new NoSlots(), () -> {}));
      }
    }
  }

  private void look() {
    var byId = new HashMap<BackendId, BackendView>();
    var nodes = new ArrayList<NodeView>();
    for (NodeSpec node : spec.nodes()) {
      var backends = new ArrayList<BackendView>();
      Hardware hardware = node.hardware();
      for (ModelledEngine engine : engines) {
        if (engine.node().id().equals(node.id())) {
          BackendView backend = backend(engine);
          backends.add(backend);
          byId.put(backend.id(), backend);
          hardware = withFree(hardware, engine.freeMemory());
        }
      }
      nodes.add(
          new NodeView(
              node.id(),
              node.id().value(),
              node.role(),
              true,
              true,
              false,
              false,
              hardware,
              backends,
              time.now()));
    }
    view = new FleetView(view.version() + 1, nodes, byId, spec.models().keySet());
  }

  private static Hardware withFree(Hardware known, Bytes free) {
    return new Hardware(
        known.cpu(),
        known.cores(),
        known.architecture(),
        known.os(),
        known.ramTotal(),
        free,
        known.gpu(),
        known.vram());
  }

  private BackendView backend(ModelledEngine engine) {
    NodeSpec node = engine.node();
    var models = new ArrayList<ModelFacts>();
    for (ModelName name : node.rates().keySet()) {
      ModelSpec model = spec.models().get(name);
      if (model != null) {
        models.add(facts(model, engine.resident(name)));
      }
    }
    return new BackendView(
        node.backend(),
        node.id(),
        "http://" + node.id() + ":11434",
        Way.AGENT,
        new BackendFacts(BackendKind.OLLAMA, "", node.slots(), models, false),
        Health.UP,
        node.slots(),
        true,
        false,
        "");
  }

  private static ModelFacts facts(ModelSpec model, boolean resident) {
    var loaded =
        resident
            ? new ModelFacts.Loaded(true, model.size(), Bytes.UNKNOWN, 0, "")
            : ModelFacts.Loaded.NOT;
    return new ModelFacts(
        model.name(),
        ModelTypes.classify(model.name(), List.of()),
        model.size(),
        "",
        0,
        loaded,
        List.of(),
        model.parameters().isEmpty() ? Map.of() : Map.of("parameter_size", model.parameters()),
        "");
  }

  /// Nobody asks.
  private static final class NoSlots implements Engine.SlotListener {
    @Override
    public void slotOpened() {}

    @Override
    public void slotClosed() {}
  }
}
