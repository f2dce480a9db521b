package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.ModelFacts;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;

/// What the tests of the prober share: a loop, and probes of servers that the test scripts.
abstract class Probing {
  static final String GREETING = "Ollama is running";
  static final String EMPTY_PS = "{\"models\":[]}";

  final OwnerLoop loop = new OwnerLoop();
  final Prober prober = new Prober(loop.vertx, loop.time, "hub-1");

  @AfterEach
  void close() {
    loop.close();
  }

  Finding probe(StubServer server) {
    return probe(server.address());
  }

  Finding probe(EngineAddress address) {
    var transport = new DirectHttp(loop.vertx, address, "hub-1");
    return loop.outcome(() -> prober.probe(transport, address));
  }

  Finding probe(Map<String, String> answers, Map<String, String> headers) {
    try (var server = StubServer.routes(answers, headers)) {
      return probe(server);
    }
  }

  BackendFacts facts(Map<String, String> answers) {
    return found(probe(answers, Map.of()));
  }

  static BackendFacts found(Finding finding) {
    if (finding instanceof Finding.Found(BackendFacts facts)) {
      return facts;
    }
    throw new AssertionError("finding: " + finding + " (expected: an engine)");
  }

  static Failure unavailable(Finding finding) {
    if (finding instanceof Finding.Unavailable(Failure failure)) {
      return failure;
    }
    throw new AssertionError("finding: " + finding + " (expected: unavailable)");
  }

  static ModelFacts model(BackendFacts facts, String name) {
    return facts.models().stream()
        .filter(model -> model.name().equals(new ModelName(name)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is missing in " + facts.models()));
  }

  static Map<String, String> ollama(String tags, String ps) {
    var answers = new HashMap<String, String>();
    answers.put("GET /api/version", "{\"version\":\"0.33.0\"}");
    answers.put("GET /", GREETING);
    answers.put("GET /api/tags", tags);
    answers.put("GET /api/ps", ps);
    return answers;
  }
}
