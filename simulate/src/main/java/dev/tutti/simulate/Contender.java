package dev.tutti.simulate;

import dev.tutti.dispatch.RoutingStrategy;
import java.util.ArrayList;
import java.util.List;

/// A strategy in a simulation.
///
/// @param name what it is called in commands and results
/// @param strategy how places are ranked
/// @param binding when a request gets its place
/// @param clairvoyant whether the strategy is told the truth instead of having to learn
public record Contender(
    String name, RoutingStrategy strategy, Binding binding, boolean clairvoyant) {
  private static final String BOUND = "bind-";

  /// When a request gets its place.
  public enum Binding {
    /// When a slot is free: it waits in the dispatcher's queue.
    LATE,
    /// When it comes: it waits in the engine's own queue.
    ON_ARRIVAL
  }

  /// Every strategy that can be simulated.
  public static List<Contender> all() {
    var all = new ArrayList<Contender>();
    for (RoutingStrategy strategy : RoutingStrategy.all()) {
      all.add(new Contender(strategy.name(), strategy, Binding.LATE, false));
    }
    for (RoutingStrategy strategy :
        List.of(RoutingStrategy.leastBusy(), RoutingStrategy.roundRobin())) {
      all.add(new Contender(BOUND + strategy.name(), strategy, Binding.ON_ARRIVAL, false));
    }
    all.add(new Contender("oracle", RoutingStrategy.predictive(), Binding.LATE, true));
    return all;
  }

  /// The strategy of that name.
  public static Contender of(String name) {
    return all().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new InputException(
                "strategy: "
                    + name
                    + " (expected: one of "
                    + all().stream().map(Contender::name).toList()
                    + ")"));
  }
}
