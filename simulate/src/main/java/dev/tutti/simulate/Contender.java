package dev.tutti.simulate;

import dev.tutti.dispatch.RoutingStrategy;
import java.util.ArrayList;
import java.util.List;

/// A strategy in a simulation.
public sealed interface Contender {
  /// What it is called in commands and results.
  String name();

  /// Late binding: a request waits in the production dispatcher until an engine has a slot for it.
  ///
  /// @param name what it is called
  /// @param strategy how places are ranked
  /// @param knowledge what the strategy is told
  record Late(String name, RoutingStrategy strategy, Knowledge knowledge) implements Contender {}

  /// Binding on arrival: the engine is chosen when the request comes, which waits there.
  ///
  /// @param name what it is called
  /// @param rule how the engine is chosen
  record OnArrival(String name, Rule rule) implements Contender {}

  /// What a strategy is told of engines and requests.
  enum Knowledge {
    /// Nothing: it learns from what it sees.
    LEARNED,
    /// The true speeds, and how long each answer will be.
    GIVEN
  }

  /// How an engine is chosen on arrival.
  enum Rule {
    /// The one with the fewest requests that it has not answered.
    FEWEST_OUTSTANDING,
    /// Each in its turn.
    IN_TURN
  }

  /// Every strategy that can be simulated.
  static List<Contender> all() {
    var all = new ArrayList<Contender>();
    for (RoutingStrategy strategy : RoutingStrategy.all()) {
      all.add(new Late(strategy.name(), strategy, Knowledge.LEARNED));
    }
    all.add(new OnArrival("bind-least-busy", Rule.FEWEST_OUTSTANDING));
    all.add(new OnArrival("bind-round-robin", Rule.IN_TURN));
    all.add(new Late("oracle", RoutingStrategy.predictive(), Knowledge.GIVEN));
    return all;
  }

  /// The strategy of that name.
  static Contender of(String name) {
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
