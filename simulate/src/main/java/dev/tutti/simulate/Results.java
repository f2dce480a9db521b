package dev.tutti.simulate;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Results as JSON; the fields are in `docs/simulate.md`.
public final class Results {
  private static final double THOUSANDTHS = 1_000;

  private Results() {}

  /// The one document of a simulation.
  public static ObjectNode document(List<Result> results) {
    ObjectNode document = empty();
    var list = document.putArray("strategies");
    results.forEach(result -> list.add(one(result)));
    return document;
  }

  static ObjectNode empty() {
    return JsonMapper.shared().createObjectNode();
  }

  private static ObjectNode one(Result result) {
    ObjectNode node = empty();
    node.put("strategy", result.strategy());
    node.put("requests", result.requests());
    node.put("failed", result.failed());
    node.set("ttft_ms", figures(result.ttftMillis()));
    node.set("completion_ms", figures(result.completionMillis()));
    put(node, "makespan_s", result.makespanSeconds());
    put(node, "tokens_per_s", result.tokensPerSecond());
    node.put("cache_hit", Math.round(result.cacheHit() * 1e6) / 1e6);
    node.put("loads", result.loads());
    node.put("fairness", Math.round(result.fairness() * 1e6) / 1e6);
    return node;
  }

  /// The figures as JSON; null where they are infinite.
  static ObjectNode figures(Figures figures) {
    ObjectNode node = empty();
    put(node, "p50", figures.p50());
    put(node, "p95", figures.p95());
    put(node, "p99", figures.p99());
    put(node, "mean", figures.mean());
    return node;
  }

  static void put(ObjectNode node, String field, double value) {
    if (Double.isFinite(value)) {
      node.put(field, Math.round(value * THOUSANDTHS) / THOUSANDTHS);
    } else {
      node.putNull(field);
    }
  }
}
