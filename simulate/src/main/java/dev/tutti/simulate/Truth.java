package dev.tutti.simulate;

import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.predict.Foresight;
import dev.tutti.dispatch.predict.Lesson;
import dev.tutti.dispatch.predict.Pace;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;

/// What nobody can know outside a simulation: how long each answer will be, and how fast each
/// engine really is. With it our policy shows what better predictions could still bring.
final class Truth implements Foresight<Request> {
  private final FleetSpec fleet;

  Truth(FleetSpec fleet) {
    this.fleet = fleet;
  }

  @Override
  public Pace pace(NodeView node, BackendView backend, ModelFacts model) {
    for (NodeSpec spec : fleet.nodes()) {
      Rates rates = spec.rates().get(model.name());
      if (rates != null && spec.id().equals(node.id())) {
        double load = spec.loading().nanos(model.size()) / 1e6;
        return new TruePace(rates, spec.sharing(), spec.slots(), load);
      }
    }
    throw new IllegalArgumentException(
        backend.id() + ": " + model.name() + " (expected: a model of the fleet)");
  }

  @Override
  public double outputTokens(Task<? extends Request> task, double written) {
    return Math.max(task.work().outputTokens(), written + 1);
  }

  @Override
  public double promptTokens(Task<? extends Request> task) {
    return task.work().prompt().tokens();
  }

  @Override
  public int cacheTokens(NodeView node, BackendView backend, ModelFacts model) {
    return fleet.nodes().stream()
        .filter(spec -> spec.id().equals(node.id()))
        .mapToInt(spec ->
            Math.toIntExact(
                Math.min(Integer.MAX_VALUE, spec.cacheTokens().getOrDefault(model.name(), 0L))))
        .findFirst()
        .orElse(0);
  }

  @Override
  public void learn(Lesson<? extends Request> lesson) {}

  /// The rounds of `design.md`, added up.
  private record TruePace(Rates rates, Sharing sharing, int slots, double loadMillis)
      implements Pace {
    private static final double MILLIS = 1e3;

    /// A step brings a token to each of the others who write: when all slots are taken, to as many.
    @Override
    public double readMillis(double own, double othersRead, double othersWritten) {
      if (sharing.independent()) {
        return own / rates.prefill() * MILLIS;
      }
      int others = Math.max(1, slots - 1);
      double steps = othersWritten * sharing.stepCost(others) / others;
      return ((own + othersRead) / rates.prefill() + steps / rates.decode()) * MILLIS;
    }

    @Override
    public double writeMillis(double own, double othersRead, double othersWritten) {
      if (sharing.independent()) {
        return own / rates.decode() * MILLIS;
      }
      double steps = own + sharing.batching() * othersWritten;
      return (othersRead / rates.prefill() + steps / rates.decode()) * MILLIS;
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
