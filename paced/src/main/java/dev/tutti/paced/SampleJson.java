package dev.tutti.paced;

import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// A plausible value for a JSON schema: what a simulated model answers where a form is asked for.
final class SampleJson {
  /// Deeper schemas end in null.
  static final int MAX_DEPTH = 12;

  private static final Map<String, String> BY_NAME =
      Map.of(
          "city", "Paris",
          "location", "Paris",
          "country", "France",
          "name", "Ada",
          "url", "http://example.invalid/",
          "path", "README.md",
          "query", "simulated",
          "date", "2026-01-01",
          "email", "ada@example.invalid");

  private final JsonNode root;

  private SampleJson(JsonNode root) {
    this.root = root;
  }

  static JsonNode of(JsonNode schema) {
    return new SampleJson(schema).value("", schema, 0);
  }

  private JsonNode value(String name, JsonNode schema, int depth) {
    var make = JsonNodeFactory.instance;
    if (depth > MAX_DEPTH) {
      return make.nullNode();
    }
    if (schema.path("$ref").isString()) {
      return value(name, target(schema.path("$ref").stringValue()), depth + 1);
    }
    if (schema.has("const")) {
      return schema.path("const");
    }
    if (!schema.path("default").isMissingNode()) {
      return schema.path("default");
    }
    if (!schema.path("enum").isEmpty()) {
      return schema.path("enum").path(0);
    }
    for (String choice : new String[] {"anyOf", "oneOf", "allOf"}) {
      if (!schema.path(choice).isEmpty()) {
        return value(name, schema.path(choice).path(0), depth + 1);
      }
    }
    JsonNode type =
        schema.path("type").isArray() ? schema.path("type").path(0) : schema.path("type");
    return switch (type.asString(schema.has("properties") ? "object" : "")) {
      case "object" -> object(schema, depth);
      case "array" -> {
        var array = make.arrayNode();
        array.add(value(name, schema.path("items"), depth + 1));
        yield array;
      }
      case "integer" -> make.numberNode(schema.path("minimum").asLong(1));
      case "number" -> make.numberNode(schema.path("minimum").asDouble(1.5));
      case "boolean" -> make.booleanNode(true);
      case "null" -> make.nullNode();
      default -> make.stringNode(BY_NAME.getOrDefault(name.toLowerCase(Locale.ROOT), "simulated"));
    };
  }

  private JsonNode object(JsonNode schema, int depth) {
    var object = JsonNodeFactory.instance.objectNode();
    Set<String> required = new HashSet<>();
    schema.path("required").values().forEach(each -> required.add(each.asString("")));
    for (var property : schema.path("properties").properties()) {
      if (required.isEmpty() || required.contains(property.getKey())) {
        object.set(property.getKey(), value(property.getKey(), property.getValue(), depth + 1));
      }
    }
    return object;
  }

  private JsonNode target(String reference) {
    return reference.startsWith("#/") ? root.at(reference.substring(1)) : root.path("");
  }
}
