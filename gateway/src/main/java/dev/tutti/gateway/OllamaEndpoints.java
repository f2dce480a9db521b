package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.core.ModelName;
import dev.tutti.dialects.Catalogue;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.dialects.ModelEntry;
import dev.tutti.dialects.OllamaRequests;
import dev.tutti.fleet.BackendView;
import io.vertx.core.Context;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Ollama's endpoints. Owner loop only.
final class OllamaEndpoints {
  /// The version of Ollama's API that is spoken: clients decide by it what they may use.
  static final String API_VERSION = "0.33.0";

  private static final byte[] NOTHING = {};

  private final GatewayParts parts;
  private final WorkEndpoint work;
  private final Function<Exchange, BodyReader> bodies;
  private final GatewayLimits limits;
  private final Context owner;

  OllamaEndpoints(
      GatewayParts parts,
      WorkEndpoint work,
      Function<Exchange, BodyReader> bodies,
      GatewayLimits limits,
      Context owner) {
    this.limits = limits;
    this.owner = owner;
    this.parts = parts;
    this.work = work;
    this.bodies = bodies;
  }

  List<Route> routes() {
    return List.of(
        new Route(
            GET,
            "/api/version",
            Route.Access.KNOWN,
            exchange -> exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaVersion(API_VERSION))),
        new Route(
            GET,
            "/api/status",
            Route.Access.KNOWN,
            exchange -> exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaStatus())),
        new Route(GET, "/api/tags", Route.Access.INFER, this::tags),
        new Route(GET, "/api/ps", Route.Access.INFER, this::loaded),
        new Route(POST, "/api/show", Route.Access.INFER, this::show),
        new Route(POST, "/api/chat", Route.Access.INFER, work.with(OllamaRequests::chat)),
        new Route(POST, "/api/generate", Route.Access.INFER, work.with(OllamaRequests::generate)),
        new Route(POST, "/api/embed", Route.Access.INFER, work.with(OllamaRequests::embed)),
        new Route(
            POST, "/api/embeddings", Route.Access.INFER, work.with(OllamaRequests::embeddings)));
  }

  private void tags(Exchange exchange) {
    exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaTags(entries(exchange)));
  }

  /// What is in memory, the longest-lived first, then by name. A model that several machines have
  /// in memory appears once, with the figures of the instance that stays longest.
  private void loaded(Exchange exchange) {
    List<ModelEntry> models =
        MergedModels.of(parts.fleet().get()).entries().stream()
            .filter(entry -> entry.loaded().resident() && exchange.sees(entry.name()))
            .sorted(
                Comparator.comparing(
                        (MergedModels.Entry entry) -> MergedModels.expiry(entry.loaded()))
                    .reversed()
                    .thenComparing(MergedModels.Entry::name))
            .map(entry -> ModelEntries.entry(entry, entry.name().tagged()))
            .toList();
    exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaPs(models));
  }

  private List<ModelEntry> entries(Exchange exchange) {
    return MergedModels.of(parts.fleet().get()).entries().stream()
        .filter(entry -> exchange.sees(entry.name()))
        .map(entry -> ModelEntries.entry(entry, entry.name().tagged()))
        .toList();
  }

  private void show(Exchange exchange) {
    BodyReader reader = bodies.apply(exchange);
    reader.read(
        SmallJson.MAX_BYTES,
        body -> {
          reader.release();
          exchange.guarded(_ -> show(exchange, SmallJson.read(body)));
        });
  }

  private void show(Exchange exchange, SmallJson body) {
    String model =
        body.optionalText("model")
            .or(() -> body.optionalText("name"))
            .orElseThrow(() -> Refusals.invalid("model is required"));
    boolean verbose = body.flag("verbose");
    ModelEntry known = ModelLookup.find(parts.fleet().get(), exchange, model);
    Optional<BackendView> witness = ModelLookup.witness(parts.fleet().get(), model);
    if (witness.isEmpty()) {
      exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaShow(known));
      return;
    }
    byte[] request =
        JsonText.bytes(
            Map.of("model", new ModelName(model).tagged(), "verbose", verbose, "stream", false));
    ShowQuestion.ask(
        exchange,
        parts,
        witness.get().id(),
        request,
        answer -> shown(exchange, known, answer.orElse(NOTHING)));
  }

  /// A large answer is read elsewhere: it would hold up every stream on this loop.
  private void shown(Exchange exchange, ModelEntry known, byte[] answer) {
    if (answer.length <= limits.bodies().maxInlineParseBytes()) {
      exchange.send(200, ErrorBodies.JSON, shown(known, answer));
      return;
    }
    parts
        .offLoop()
        .execute(() -> {
          byte[] shown = shown(known, answer);
          owner.runOnContext(_ -> exchange.send(200, ErrorBodies.JSON, shown));
        });
  }

  private static byte[] shown(ModelEntry known, byte[] answer) {
    return Catalogue.ollamaShow(answer, known).orElseGet(() -> Catalogue.ollamaShow(known));
  }
}
