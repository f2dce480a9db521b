package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.dialects.FileForms;
import dev.tutti.dialects.Json;
import dev.tutti.worklist.Batch;
import dev.tutti.worklist.Wishes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/// OpenAI's `/v1/batches`. Owner loop only.
final class BatchEndpoints {
  /// The endpoints that a batch may be for.
  static final Set<String> ENDPOINTS =
      Set.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses");

  /// How much metadata a batch may have, as at OpenAI.
  static final int MAX_METADATA = 16;

  static final int MAX_METADATA_KEY_CHARS = 64;
  static final int MAX_METADATA_VALUE_CHARS = 512;

  private static final int USUAL_PAGE = 20;
  private static final int LARGEST_PAGE = 100;

  private final GatewayParts parts;
  private final WorkAnswers answers;

  BatchEndpoints(GatewayParts parts, WorkAnswers answers) {
    this.parts = parts;
    this.answers = answers;
  }

  List<Route> routes() {
    return List.of(
        new Route(POST, "/v1/batches", Route.Access.INFER, this::create),
        new Route(GET, "/v1/batches", Route.Access.OWN, this::list),
        new Route(GET, "/v1/batches/{id}", Route.Access.OWN, this::batch),
        new Route(POST, "/v1/batches/{id}/cancel", Route.Access.OWN, this::cancel));
  }

  private void create(Exchange exchange) {
    var wishes = WorkAnswers.wishes(exchange, parts);
    answers.read(exchange, Json::read, body -> create(exchange, body, wishes));
  }

  private CompletableFuture<?> create(Exchange exchange, JsonNode body, Wishes wishes) {
    String endpoint = text(body, "endpoint");
    if (!ENDPOINTS.contains(endpoint)) {
      throw Refusals.invalid(
          "endpoint: unknown (expected: /v1/chat/completions, /v1/completions, /v1/embeddings or"
              + " /v1/responses)");
    }
    if (!text(body, "completion_window").equals(Batch.WINDOW_NAME)) {
      throw Refusals.invalid("completion_window: unknown (expected: " + Batch.WINDOW_NAME + ")");
    }
    return WorkAnswers.json(
        exchange,
        200,
        parts
            .worklist()
            .submit(
                WorkAnswers.viewer(exchange),
                endpoint,
                text(body, "input_file_id"),
                metadata(body.path("metadata")),
                wishes,
                outputsLive(body.path("output_expires_after"))),
        WorkDocuments::batch);
  }

  private static String text(JsonNode body, String name) {
    JsonNode value = body.path(name);
    if (!value.isString() || value.stringValue().isEmpty()) {
      throw Refusals.invalid(name + ": missing (expected: a text)");
    }
    return value.stringValue();
  }

  private static String metadata(JsonNode metadata) {
    if (metadata.isMissingNode() || metadata.isNull()) {
      return "";
    }
    boolean fits =
        metadata.isObject()
            && metadata.size() <= MAX_METADATA
            && metadata.properties().stream()
                .allMatch(each ->
                    each.getKey().length() <= MAX_METADATA_KEY_CHARS
                        && each.getValue().isString()
                        && each.getValue().stringValue().length() <= MAX_METADATA_VALUE_CHARS);
    if (!fits) {
      throw Refusals.invalid(
          "metadata: not understood (expected: an object of at most "
              + MAX_METADATA
              + " texts, names of at most "
              + MAX_METADATA_KEY_CHARS
              + " and values of at most "
              + MAX_METADATA_VALUE_CHARS
              + " characters)");
    }
    return new String(Json.bytes(metadata), StandardCharsets.UTF_8);
  }

  private static Optional<Duration> outputsLive(JsonNode after) {
    if (after.isMissingNode() || after.isNull()) {
      return Optional.empty();
    }
    JsonNode seconds = after.path("seconds");
    if (!after.path("anchor").asString("").equals("created_at") || !seconds.canConvertToLong()) {
      throw Refusals.invalid(
          "output_expires_after: not understood (expected: anchor created_at and seconds)");
    }
    return Optional.of(FileForms.life(seconds.longValue()));
  }

  private void list(Exchange exchange) {
    var ask = WorkAnswers.page(exchange, USUAL_PAGE, LARGEST_PAGE);
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts.worklist().batches(WorkAnswers.viewer(exchange), ask),
            page -> WorkDocuments.list(page, Batch::id, WorkDocuments::batch));
  }

  private void batch(Exchange exchange) {
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts.worklist().batch(exchange.parameter(), WorkAnswers.viewer(exchange)),
            WorkDocuments::batch);
  }

  private void cancel(Exchange exchange) {
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts.worklist().cancelBatch(exchange.parameter(), WorkAnswers.viewer(exchange)),
            WorkDocuments::batch);
  }
}
