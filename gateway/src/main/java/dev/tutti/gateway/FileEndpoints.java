package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.DELETE;
import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.dialects.FileForms;
import dev.tutti.worklist.StoredFile;
import dev.tutti.worklist.WorkLimits;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;

/// OpenAI's `/v1/files`, as far as batches need them. Owner loop only.
final class FileEndpoints {
  private static final String BYTES = "application/octet-stream";

  private final GatewayParts parts;
  private final WorkAnswers answers;

  FileEndpoints(GatewayParts parts, WorkAnswers answers) {
    this.parts = parts;
    this.answers = answers;
  }

  List<Route> routes() {
    return List.of(
        new Route(POST, "/v1/files", Route.Access.INFER, this::upload),
        new Route(GET, "/v1/files", Route.Access.OWN, this::list),
        new Route(GET, "/v1/files/{id}", Route.Access.OWN, this::file),
        new Route(GET, "/v1/files/{id}/content", Route.Access.OWN, this::content),
        new Route(DELETE, "/v1/files/{id}", Route.Access.OWN, this::remove));
  }

  private void upload(Exchange exchange) {
    String type = exchange.header("content-type").orElse("");
    answers.read(
        exchange,
        body -> FileForms.read(body, type),
        form ->
            WorkAnswers.json(
                exchange,
                200,
                parts
                    .worklist()
                    .upload(
                        exchange.principal(),
                        form.name(),
                        form.purpose(),
                        form.lives(),
                        form.content()),
                WorkDocuments::file));
  }

  private void list(Exchange exchange) {
    var ask = WorkAnswers.page(exchange, WorkLimits.MAX_FILES, WorkLimits.MAX_FILES);
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts
                .worklist()
                .files(WorkAnswers.viewer(exchange), exchange.query("purpose").orElse(""), ask),
            page -> WorkDocuments.list(page, StoredFile::id, WorkDocuments::file));
  }

  private void file(Exchange exchange) {
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts.worklist().file(exchange.parameter(), WorkAnswers.viewer(exchange)),
            WorkDocuments::file);
  }

  private void content(Exchange exchange) {
    var _ =
        WorkAnswers.then(
            exchange,
            parts.worklist().file(exchange.parameter(), WorkAnswers.viewer(exchange)),
            file -> send(exchange, file));
  }

  private void send(Exchange exchange, StoredFile file) {
    if (exchange.isOver()) {
      return;
    }
    exchange.common();
    var response = exchange.response();
    response.putHeader("content-type", BYTES);
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      response.putHeader("content-length", Long.toString(file.bytes()));
      var _ = response.end();
      return;
    }
    response.sendFile(parts.worklist().content(file).toString()).onFailure(_ -> exchange.sever());
  }

  private void remove(Exchange exchange) {
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts.worklist().removeFile(exchange.parameter(), WorkAnswers.viewer(exchange)),
            file -> Map.of("id", file.id(), "object", "file", "deleted", true));
  }
}
