package dev.tutti.simulate;

import dev.tutti.core.ModelName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a fleet can do: in how many seconds it would be through with some work if every machine
/// were busy all the time, at its best concurrency, with no beginning of a prompt known.
final class Capacity {
  private static final int HALVINGS = 200;

  private Capacity() {}

  /// The seconds for all requests. Throws {@link InputException} when nobody holds one's model.
  static double seconds(List<Request> requests, FleetSpec fleet) {
    var work = new TreeMap<ModelName, Work>();
    for (Request request : requests) {
      work.merge(
          request.model(),
          new Work(request.prompt().tokens(), request.outputTokens()),
          (a, b) -> new Work(a.input() + b.input(), a.output() + b.output()));
    }
    for (ModelName model : work.keySet()) {
      if (!fleet.holds(model)) {
        throw new InputException(
            "model: " + model + " (expected: one of " + heldAnywhere(fleet) + ")");
      }
    }
    boolean everybodyHoldsAll =
        fleet.nodes().stream()
            .allMatch(node ->
                work.keySet().stream().noneMatch(node.rates()::containsKey)
                    || node.rates().keySet().containsAll(work.keySet()));
    return everybodyHoldsAll ? even(work, fleet) : uneven(work, fleet);
  }

  /// The seconds that a machine would need for the work alone.
  static double alone(NodeSpec node, ModelName model, Work work) {
    Rates rates = node.rates().get(model);
    if (rates == null) {
      return Double.POSITIVE_INFINITY;
    }
    int slots = node.slots();
    if (node.sharing().independent()) {
      return (work.input() / rates.prefill() + work.output() / rates.decode()) / slots;
    }
    double step = Math.min(1, node.sharing().stepCost(slots) / slots);
    return work.input() / rates.prefill() + work.output() * step / rates.decode();
  }

  private static List<ModelName> heldAnywhere(FleetSpec fleet) {
    return fleet.models().keySet().stream().filter(fleet::holds).toList();
  }

  /// Every machine may do any of the work, so each does what its speed allows.
  private static double even(Map<ModelName, Work> work, FleetSpec fleet) {
    double perSecond = 0;
    for (NodeSpec node : fleet.nodes()) {
      double seconds = 0;
      for (var entry : work.entrySet()) {
        seconds += alone(node, entry.getKey(), entry.getValue());
      }
      perSecond += 1 / seconds;
    }
    return 1 / perSecond;
  }

  /// The least time in which it can be done, found by halving; near enough, since the machines are
  /// filled in a good order and not in the best.
  private static double uneven(Map<ModelName, Work> work, FleetSpec fleet) {
    double low = 0;
    double high = 1;
    while (!fits(work, fleet, high)) {
      high *= 2;
    }
    for (int i = 0; i < HALVINGS && high - low > 1e-9 * high; i++) {
      double middle = (low + high) / 2;
      if (fits(work, fleet, middle)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /// Whether so much time is enough: the models that the fewest machines hold first, each on the
  /// machine that is fastest with it for what it is otherwise.
  private static boolean fits(Map<ModelName, Work> work, FleetSpec fleet, double seconds) {
    var left = new TreeMap<String, Double>();
    fleet.nodes().forEach(node -> left.put(node.id().value(), seconds));
    var models = new ArrayList<>(work.keySet());
    models.sort(Comparator.comparingLong(model -> holders(fleet, model).size()));
    for (int i = 0; i < models.size(); i++) {
      ModelName model = models.get(i);
      List<ModelName> later = models.subList(i + 1, models.size());
      double share = 1;
      var holders = new ArrayList<>(holders(fleet, model));
      holders.sort(Comparator.comparingDouble(node -> relative(node, model, later, work)));
      for (NodeSpec node : holders) {
        double all = alone(node, model, work.getOrDefault(model, Work.NONE));
        double free = left.getOrDefault(node.id().value(), 0.0);
        double part = Math.min(share, all <= 0 ? share : free / all);
        share -= part;
        left.put(node.id().value(), free - part * all);
      }
      if (share > 1e-12) {
        return false;
      }
    }
    return true;
  }

  private static List<NodeSpec> holders(FleetSpec fleet, ModelName model) {
    return fleet.nodes().stream().filter(node -> node.rates().containsKey(model)).toList();
  }

  private static double relative(
      NodeSpec node, ModelName model, List<ModelName> later, Map<ModelName, Work> work) {
    double others = 0;
    for (ModelName other : later) {
      double seconds = alone(node, other, work.getOrDefault(other, Work.NONE));
      others += seconds < Double.POSITIVE_INFINITY ? 1 / seconds : 0;
    }
    return alone(node, model, work.getOrDefault(model, Work.NONE)) * others;
  }

  /// Tokens to read and to write.
  record Work(long input, long output) {
    static final Work NONE = new Work(0, 0);
  }
}
