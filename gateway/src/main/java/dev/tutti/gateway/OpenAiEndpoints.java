package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.dialects.Catalogue;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.dialects.ModelEntry;
import dev.tutti.dialects.OpenAiRequests;
import java.util.ArrayList;
import java.util.List;

/// OpenAI's endpoints under `/v1/`, and the models of Anthropic's there. Owner loop only.
final class OpenAiEndpoints {
  private final GatewayParts parts;
  private final WorkEndpoint work;

  OpenAiEndpoints(GatewayParts parts, WorkEndpoint work) {
    this.parts = parts;
    this.work = work;
  }

  List<Route> routes() {
    return List.of(
        new Route(GET, "/v1/models", Route.Access.KEYED, this::models),
        new Route(GET, "/v1/models/{id}", Route.Access.KEYED, this::model),
        new Route(
            POST, "/v1/chat/completions", Route.Access.KEYED, work.with(OpenAiRequests::chat)),
        new Route(
            POST, "/v1/completions", Route.Access.KEYED, work.with(OpenAiRequests::completions)),
        new Route(
            POST, "/v1/embeddings", Route.Access.KEYED, work.with(OpenAiRequests::embeddings)));
  }

  private void models(Exchange exchange) {
    var models = new ArrayList<ModelEntry>();
    for (MergedModels.Entry entry : MergedModels.of(parts.fleet().get()).entries()) {
      models.add(ModelEntries.entry(entry, entry.name().value()));
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
    ModelEntry model = ModelLookup.find(parts.fleet().get(), exchange.parameter());
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
