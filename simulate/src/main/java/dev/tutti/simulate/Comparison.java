package dev.tutti.simulate;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// What one more machine would give: the same requests at the same times, without it and with it.
///
/// @param node the machine
/// @param without what each strategy makes of it without the machine
/// @param with the same with it, in the same order
public record Comparison(NodeSpec node, List<Result> without, List<Result> with) {
  /// Copies the lists.
  public Comparison {
    without = List.copyOf(without);
    with = List.copyOf(with);
    if (without.size() != with.size()) {
      throw new IllegalArgumentException(
          "with: " + with.size() + " results (expected: " + without.size() + ")");
    }
  }

  /// A bar for each strategy without, and one with.
  public Chart chart() {
    var bars = new ArrayList<Chart.Bar>();
    for (int i = 0; i < with.size(); i++) {
      bars.add(bar(without.get(i), ""));
      bars.add(bar(with.get(i), " + " + node.id()));
    }
    return new Chart("95 of 100 answers are complete after", "s", bars);
  }

  private static Chart.Bar bar(Result result, String more) {
    return new Chart.Bar(result.strategy() + more, result.completionMillis().p95() / 1e3);
  }

  /// The document of a simulation without the machine, and `added`: the machine, and the figures
  /// that change.
  public ObjectNode document() {
    ObjectNode document = Results.document(without);
    ObjectNode added = document.putObject("added");
    added.put("node", node.id().value());
    added.put("price", node.price());
    added.set("strategies", Results.document(with).path("strategies"));
    var changes = added.putArray("changes");
    for (int i = 0; i < with.size(); i++) {
      ObjectNode change = changes.addObject();
      change.put("strategy", with.get(i).strategy());
      change.set("without", figures(without.get(i)));
      change.set("with", figures(with.get(i)));
    }
    return document;
  }

  private static ObjectNode figures(Result result) {
    ObjectNode node = Results.empty();
    Results.put(node, "tokens_per_s", result.tokensPerSecond());
    node.set("wait_ms", Results.figures(result.waitMillis()));
    node.set("completion_ms", Results.figures(result.completionMillis()));
    Results.put(node, "watts", result.watts());
    return node;
  }
}
