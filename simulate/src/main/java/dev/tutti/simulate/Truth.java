package dev.tutti.simulate;

import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.predict.Foresight;
import dev.tutti.dispatch.predict.Lesson;
import dev.tutti.dispatch.predict.Pace;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;
import java.util.HashMap;
import java.util.Map;

/// Foresight that knows the truth: the length of each answer and the real rates of each machine.
/// Our policy with it is the oracle, and shows how much of a figure is lack of knowledge.
final class Truth implements Foresight<Request> {
  private final Map<NodeId, NodeSpec> nodes = new HashMap<>();
  private final Map<ModelName, ModelSpec> models;
  private final Map<NodeId, Map<ModelName, Pace>> paces = new HashMap<>();

  Truth(FleetSpec fleet) {
    fleet.nodes().forEach(node -> nodes.put(node.id(), node));
    this.models = fleet.models();
  }

  @Override
  public Pace pace(NodeView node, BackendView backend, ModelFacts model) {
    return paces
        .computeIfAbsent(node.id(), _ -> new HashMap<>())
        .computeIfAbsent(model.name(), name -> truth(node.id(), name));
  }

  private Pace truth(NodeId id, ModelName model) {
    NodeSpec node = nodes.get(id);
    ModelSpec spec = models.get(model);
    Rates rates = node == null ? null : node.rates().get(model);
    if (node == null || spec == null || rates == null) {
      throw new IllegalArgumentException(id + ": " + model + " (expected: a model it holds)");
    }
    return new TruePace(
        1e3 / rates.prefill(),
        1e3 / rates.decode(),
        node.sharing(),
        node.loading().nanos(spec.size()) / 1e6);
  }

  @Override
  public double outputTokens(Task<? extends Request> task, double written) {
    return Math.max(written + 1, task.work().outputTokens());
  }

  @Override
  public double promptTokens(Task<? extends Request> task) {
    return task.prompt().tokens();
  }

  @Override
  public int cacheTokens(NodeView node, BackendView backend, ModelFacts model) {
    NodeSpec spec = nodes.get(node.id());
    return spec == null
        ? 0
        : (int) Math.min(Integer.MAX_VALUE, spec.cacheTokens().getOrDefault(model.name(), 0L));
  }

  /// There is nothing to learn.
  @Override
  public void learn(Lesson<? extends Request> lesson) {}

  private record TruePace(double read, double write, Sharing sharing, double loadMillis)
      implements Pace {
    @Override
    public double readMillis(double own, double othersRead, double othersWritten) {
      return read * (sharing.independent() ? own : own + othersRead);
    }

    @Override
    public double writeMillis(double own, double othersRead, double othersWritten) {
      return sharing.independent()
          ? write * own
          : write * (own + sharing.batching() * othersWritten) + read * othersRead;
    }

    @Override
    public double overheadMillis() {
      return 0;
    }

    @Override
    public double tokensPerPiece() {
      return ModelledEngine.PIECE_TOKENS;
    }

    @Override
    public boolean isMeasured() {
      return true;
    }

    @Override
    public double spread() {
      return 0;
    }
  }
}
