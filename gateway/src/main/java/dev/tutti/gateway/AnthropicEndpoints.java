package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.dialects.AnthropicRequests;
import java.util.List;

/// Anthropic's endpoints under `/v1/messages`; its models are where OpenAI's are. Owner loop only.
final class AnthropicEndpoints {
  private final WorkEndpoint work;
  private final TokenCounting counting;

  AnthropicEndpoints(GatewayParts parts, WorkEndpoint work) {
    this.work = work;
    this.counting = new TokenCounting(parts);
  }

  List<Route> routes() {
    return List.of(
        new Route(POST, "/v1/messages", Route.Access.INFER, work.with(AnthropicRequests::messages)),
        new Route(
            POST,
            "/v1/messages/count_tokens",
            Route.Access.INFER,
            work.with(AnthropicRequests::countTokens, counting::count)));
  }
}
