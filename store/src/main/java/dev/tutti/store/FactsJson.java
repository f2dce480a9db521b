package dev.tutti.store;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A backend's facts as JSON text. Written field by field, so that renaming a component of a record
/// cannot make old files unreadable.
final class FactsJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private FactsJson() {}

  static String write(BackendFacts facts) {
    ObjectNode node = JSON.createObjectNode();
    node.put("kind", facts.kind().wireName());
    node.put("version", facts.version());
    node.put("slots", facts.slots());
    node.put("simulated", facts.simulated());
    ArrayNode models = node.putArray("models");
    facts.models().forEach(model -> write(models.addObject(), model));
    return JSON.writeValueAsString(node);
  }

  private static void write(ObjectNode node, ModelFacts model) {
    node.put("name", model.name().value());
    node.put("type", model.type().wireName());
    node.put("size", model.size().value());
    node.put("digest", model.digest());
    node.put("context", model.contextTokens());
    node.put("modified", model.modifiedAt());
    ArrayNode capabilities = node.putArray("capabilities");
    model.capabilities().forEach(capabilities::add);
    ObjectNode details = node.putObject("details");
    model.details().forEach(details::put);
  }

  /// The facts of that text; empty when it cannot be understood. No model is loaded in them: what
  /// was in memory when they were written says nothing about now.
  static Optional<BackendFacts> read(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      var models = new ArrayList<ModelFacts>();
      for (JsonNode model : node.path("models")) {
        models.add(model(model));
      }
      return kind(node.path("kind").asString(""))
          .map(kind ->
              new BackendFacts(
                  kind,
                  node.path("version").asString(""),
                  node.path("slots").asInt(0),
                  models,
                  node.path("simulated").asBoolean(false)));
    } catch (JacksonException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static ModelFacts model(JsonNode node) {
    List<String> capabilities = new ArrayList<>();
    for (JsonNode capability : node.path("capabilities")) {
      capabilities.add(capability.asString(""));
    }
    Map<String, String> details = new LinkedHashMap<>();
    node.path("details").properties().forEach(detail -> put(details, detail));
    return new ModelFacts(
        new ModelName(node.path("name").asString("")),
        type(node.path("type").asString("")),
        new Bytes(node.path("size").asLong(-1)),
        node.path("digest").asString(""),
        node.path("context").asInt(0),
        ModelFacts.Loaded.NOT,
        capabilities,
        details,
        node.path("modified").asString(""));
  }

  private static void put(Map<String, String> details, Map.Entry<String, JsonNode> detail) {
    details.put(detail.getKey(), detail.getValue().asString(""));
  }

  private static Optional<BackendKind> kind(String wireName) {
    for (BackendKind kind : BackendKind.values()) {
      if (kind.wireName().equals(wireName)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  private static ModelType type(String wireName) {
    for (ModelType type : ModelType.values()) {
      if (type.wireName().equals(wireName)) {
        return type;
      }
    }
    return ModelType.TEXT;
  }
}
