package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.dialects.Catalogue;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.dialects.ModelEntry;
import dev.tutti.dialects.OpenAiRequests;
import dev.tutti.dialects.RerankRequests;
import dev.tutti.dialects.ResponsesRequests;
import dev.tutti.dialects.TranscriptionRequests;
import java.util.ArrayList;
import java.util.List;

/// OpenAI's endpoints under `/v1/`, and the models of Anthropic's there. Owner loop only.
final class OpenAiEndpoints {
  private final GatewayParts parts;
  private final WorkEndpoint work;
  private final TokenCounting counting;

  OpenAiEndpoints(GatewayParts parts, WorkEndpoint work) {
    this.parts = parts;
    this.work = work;
    this.counting = new TokenCounting(parts);
  }

  List<Route> routes() {
    return List.of(
        new Route(GET, "/v1/models", Route.Access.INFER, this::models),
        new Route(GET, "/v1/models/{id}", Route.Access.INFER, this::model),
        new Route(
            POST, "/v1/chat/completions", Route.Access.INFER, work.with(OpenAiRequests::chat)),
        new Route(
            POST, "/v1/completions", Route.Access.INFER, work.with(OpenAiRequests::completions)),
        new Route(
            POST, "/v1/embeddings", Route.Access.INFER, work.with(OpenAiRequests::embeddings)),
        new Route(POST, "/v1/responses", Route.Access.INFER, work.with(ResponsesRequests::create)),
        new Route(
            POST,
            "/v1/responses/input_tokens",
            Route.Access.INFER,
            work.with(ResponsesRequests::inputTokens, counting::count)),
        new Route(
            POST,
            "/v1/audio/transcriptions",
            Route.Access.INFER,
            work.withType(TranscriptionRequests::read)),
        rerank("/v1/rerank"),
        rerank("/v1/reranking"),
        rerank("/rerank"),
        rerank("/reranking"));
  }

  /// Clients of llama-server and vLLM know it under several names.
  private Route rerank(String path) {
    return new Route(POST, path, Route.Access.INFER, work.with(RerankRequests::read));
  }

  private void models(Exchange exchange) {
    var models = new ArrayList<ModelEntry>();
    for (MergedModels.Entry entry : MergedModels.of(parts.fleet().get()).entries()) {
      if (exchange.sees(entry.name())) {
        models.add(ModelEntries.entry(entry, entry.name().value()));
      }
    }
    if (!models.isEmpty()) {
      models.add(ModelEntries.auto(ModelEntries.AUTO.value()));
    }
    exchange.send(
        200,
        ErrorBodies.JSON,
        isAnthropic(exchange) ? Catalogue.anthropicModels(models) : Catalogue.openAiModels(models));
  }

  private void model(Exchange exchange) {
    ModelEntry model = ModelLookup.find(parts.fleet().get(), exchange, exchange.parameter());
    exchange.send(
        200,
        ErrorBodies.JSON,
        isAnthropic(exchange) ? Catalogue.anthropicModel(model) : Catalogue.openAiModel(model));
  }

  /// Both APIs have their models at this path.
  private static boolean isAnthropic(Exchange exchange) {
    return exchange.surface() == Surface.ANTHROPIC;
  }
}
