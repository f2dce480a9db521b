package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.dialects.Catalogue;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.dialects.ModelEntry;
import dev.tutti.dialects.OllamaRequests;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/// Ollama's endpoints and its greeting. Owner loop only.
final class OllamaEndpoints {
  /// The version of Ollama's API that is spoken: clients decide by it what they may use.
  static final String API_VERSION = "0.33.0";

  private static final byte[] GREETING = "Ollama is running".getBytes(StandardCharsets.UTF_8);

  private final GatewayParts parts;
  private final WorkEndpoint work;
  private final Function<Exchange, BodyReader> bodies;

  OllamaEndpoints(GatewayParts parts, WorkEndpoint work, Function<Exchange, BodyReader> bodies) {
    this.parts = parts;
    this.work = work;
    this.bodies = bodies;
  }

  List<Route> routes() {
    return List.of(
        new Route(GET, "/", Route.Access.OPEN, this::greet),
        new Route(
            GET,
            "/api/version",
            Route.Access.KEYED,
            exchange -> exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaVersion(API_VERSION))),
        new Route(GET, "/api/tags", Route.Access.KEYED, this::tags),
        new Route(GET, "/api/ps", Route.Access.KEYED, this::loaded),
        new Route(POST, "/api/show", Route.Access.KEYED, this::show),
        new Route(POST, "/api/chat", Route.Access.KEYED, work.with(OllamaRequests::chat)),
        new Route(POST, "/api/generate", Route.Access.KEYED, work.with(OllamaRequests::generate)),
        new Route(POST, "/api/embed", Route.Access.KEYED, work.with(OllamaRequests::embed)),
        new Route(
            POST, "/api/embeddings", Route.Access.KEYED, work.with(OllamaRequests::embeddings)));
  }

  /// A page for browsers; Ollama's own words for everybody else, whose clients look for them.
  private void greet(Exchange exchange) {
    exchange.response().putHeader("vary", "accept");
    if (exchange.header("accept").filter(types -> types.contains("text/html")).isPresent()) {
      exchange.response().putHeader("content-security-policy", StartPage.POLICY);
      exchange.send(200, "text/html; charset=utf-8", StartPage.of(parts.hub()));
    } else {
      exchange.send(200, "text/plain; charset=utf-8", GREETING);
    }
  }

  private void tags(Exchange exchange) {
    exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaTags(entries()));
  }

  /// What is in memory, the longest-lived first.
  private void loaded(Exchange exchange) {
    List<ModelEntry> models =
        entries().stream()
            .filter(entry -> entry.loaded().isPresent())
            .sorted(
                Comparator.comparing((ModelEntry entry) ->
                        entry.loaded().map(ModelEntry.Loaded::expiresAt).orElse(""))
                    .reversed())
            .toList();
    exchange.send(200, ErrorBodies.JSON, Catalogue.ollamaPs(models));
  }

  private List<ModelEntry> entries() {
    return MergedModels.of(parts.fleet().get()).entries().stream()
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
    exchange.send(
        200, ErrorBodies.JSON, Catalogue.ollamaShow(ModelLookup.find(parts.fleet().get(), model)));
  }
}
