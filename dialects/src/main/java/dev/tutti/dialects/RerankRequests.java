package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// Reads the bodies of `/v1/rerank`, an endpoint that OpenAI does not have and its relatives do, in
/// the shape that Jina and Cohere gave it.
public final class RerankRequests {
  /// Where an answer finds the documents it is to repeat.
  static final String DOCUMENTS = "documents";

  private RerankRequests() {}

  /// `POST /v1/rerank`.
  public static ClientRequest read(byte[] body) {
    Fields fields = Fields.ofBody(body);
    String model = OpenAiRequests.model(fields);
    String query = fields.requiredText("query");
    List<String> documents = documents(fields);
    OptionalInt best = fields.integer("top_n", 1, Integer.MAX_VALUE);
    boolean repeated = fields.flag("return_documents", false);
    var work =
        new Work.Rerank(model, Dialect.OPENAI, query, documents, best, Map.copyOf(fields.rest()));
    ArrayNode echo = Json.object().putArray(DOCUMENTS);
    documents.forEach(echo::add);
    var sketch =
        new AnswerSketch(
            Endpoint.OPENAI_RERANK,
            model,
            false,
            false,
            repeated ? Map.of(DOCUMENTS, echo) : Map.of());
    return new ClientRequest(work, false, sketch);
  }

  private static List<String> documents(Fields fields) {
    String at = fields.at(DOCUMENTS);
    List<JsonNode> nodes = Fields.array(fields.required(DOCUMENTS, "an array of texts"), at);
    if (nodes.isEmpty()) {
      throw MeshException.invalid(at + ": empty (expected: at least one text)");
    }
    var documents = new ArrayList<String>(nodes.size());
    for (JsonNode node : nodes) {
      String place = at + "[" + documents.size() + "]";
      documents.add(
          node.isString() ? node.stringValue() : Fields.of(node, place).requiredText("text"));
    }
    return documents;
  }
}
