package dev.tutti.backends;

import dev.tutti.fleet.ModelFacts;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;

/// Asks an Ollama about each model whose digest is new, a few at a time. What cannot be learned in
/// time is left for the next probe. Owner loop only.
final class ShowRound {
  private final Interview interview;
  private final Map<String, OllamaFacts.Shown> shownByDigest;
  private final ArrayDeque<ModelFacts> open = new ArrayDeque<>();
  private final Promise<Void> asked = Promise.promise();
  private int underWay;

  ShowRound(Interview interview, Map<String, OllamaFacts.Shown> shownByDigest) {
    this.interview = interview;
    this.shownByDigest = shownByDigest;
  }

  /// The same models with whatever is known about each of them.
  Future<List<ModelFacts>> complete(List<ModelFacts> models) {
    for (ModelFacts model : models) {
      if (OllamaFacts.needsShow(model) && !shownByDigest.containsKey(key(model))) {
        open.add(model);
      }
    }
    askOn();
    return asked
        .future()
        .map(_ ->
            models.stream()
                .map(model ->
                    Optional.ofNullable(shownByDigest.get(key(model)))
                        .map(shown -> OllamaFacts.with(model, shown))
                        .orElse(model))
                .toList());
  }

  /// The name belongs to it: an old Ollama may give no digest.
  private static String key(ModelFacts model) {
    return model.digest().isEmpty() ? "name " + model.name() : model.digest();
  }

  private void askOn() {
    while (underWay < Prober.MAX_SHOWS_AT_A_TIME && !open.isEmpty() && interview.hasTime()) {
      underWay++;
      ask(open.remove());
    }
    if (underWay == 0) {
      asked.tryComplete();
    }
  }

  private void ask(ModelFacts model) {
    String body =
        JsonNodeFactory.instance.objectNode().put("model", model.name().tagged()).toString();
    interview
        .ask(Interview.post("/api/show", body))
        .compose(interview::object)
        .onComplete(
            told -> {
              underWay--;
              told.ifPresent(answer -> shownByDigest.put(key(model), OllamaFacts.shown(answer)));
              askOn();
            },
            _ -> {
              underWay--;
              askOn();
            });
  }
}
