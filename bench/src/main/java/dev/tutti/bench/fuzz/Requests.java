package dev.tutti.bench.fuzz;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.AnthropicEngine;
import dev.tutti.dialects.ClientRequest;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.dialects.OllamaEngine;
import dev.tutti.dialects.OpenAiEngine;
import dev.tutti.dialects.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/// What must hold for any bytes that a client sends as a request: it is refused as the client's
/// fault, or it is understood, and then every engine is told something well-formed or refuses
/// before anything began.
final class Requests {
  private static final List<EngineDialect> ENGINES = engines();

  private Requests() {}

  private static List<EngineDialect> engines() {
    var engines = new ArrayList<EngineDialect>();
    engines.add(new OllamaEngine());
    engines.add(new AnthropicEngine());
    for (OpenAiEngine.Flavour flavour : OpenAiEngine.Flavour.values()) {
      engines.add(OpenAiEngine.of(flavour));
    }
    return List.copyOf(engines);
  }

  static Consumer<byte[]> check(Dialect dialect, List<Function<byte[], ClientRequest>> codecs) {
    return input -> codecs.forEach(codec -> one(dialect, codec, input));
  }

  private static void one(Dialect dialect, Function<byte[], ClientRequest> codec, byte[] input) {
    ClientRequest request;
    try {
      request = codec.apply(input.clone());
    } catch (MeshException e) {
      FailureCode code = e.failure().code();
      Claim.that(
          code == FailureCode.INVALID_REQUEST
              || code == FailureCode.UNSUPPORTED
              || code == FailureCode.NOT_FOUND,
          "refused as " + code);
      Claim.that(e.failure().retry() == Retry.POINTLESS, "refused as " + e.failure().retry());
      Claim.json(ErrorBodies.of(dialect, e.failure()).body());
      return;
    }
    told(request.work());
  }

  /// Every engine is told something well-formed, or nothing.
  static void told(Work work) {
    Claim.that(!work.model().isEmpty(), "a model without a name");
    ENGINES.forEach(engine -> told(engine, work));
  }

  private static void told(EngineDialect engine, Work work) {
    EngineDialect.EngineCall call;
    try {
      call = engine.call(work, "m");
    } catch (MeshException e) {
      Claim.that(
          e.failure().retry() != Retry.UNSAFE_MAY_HAVE_ACTED,
          "nothing was sent, yet may have acted");
      return;
    }
    Claim.that(call.path().startsWith("/"), "path " + call.path());
    boolean isJson = "application/json".equals(call.headers().get("content-type"));
    if (isJson && call.body().length > 0) {
      Claim.json(call.body());
    }
    Claim.that(engine.reader(work) != null, "no reader");
  }
}
