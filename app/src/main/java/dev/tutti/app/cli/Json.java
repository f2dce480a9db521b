package dev.tutti.app.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Reads the hub's documents leniently: a field may be missing or be new, so that a command line
/// and a hub may be one version apart.
final class Json {
  private Json() {}

  static ObjectNode object() {
    return JsonMapper.shared().createObjectNode();
  }

  /// The document, or nothing when it is not JSON.
  static Optional<JsonNode> parse(byte[] text) {
    try {
      var document = JsonMapper.shared().readTree(text);
      return document.isMissingNode() ? Optional.empty() : Optional.of(document);
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  /// The document, or nothing when it is not JSON.
  static Optional<JsonNode> parse(String text) {
    try {
      var document = JsonMapper.shared().readTree(text);
      return document.isMissingNode() ? Optional.empty() : Optional.of(document);
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  /// The items of a list: the document itself, or its field of that name.
  static List<JsonNode> items(JsonNode document, String name) {
    var list = document.isArray() ? document : document.path(name);
    return list.isArray() ? List.copyOf(list.values()) : List.of();
  }

  /// The first of the fields that holds something, as text; empty when none does. A dot leads into
  /// an object.
  static String text(JsonNode document, String... names) {
    return find(document, names).map(node -> node.asString("")).orElse("");
  }

  static OptionalLong number(JsonNode document, String... names) {
    return find(document, names).map(JsonNode::asLongOpt).orElse(OptionalLong.empty());
  }

  static OptionalDouble fraction(JsonNode document, String... names) {
    return find(document, names).map(JsonNode::asDoubleOpt).orElse(OptionalDouble.empty());
  }

  static boolean flag(JsonNode document, String... names) {
    return find(document, names).map(node -> node.asBoolean(false)).orElse(false);
  }

  private static Optional<JsonNode> find(JsonNode document, String... names) {
    for (var name : names) {
      var node = document;
      for (var step : name.split("\\.", -1)) {
        node = node.path(step);
      }
      if (!node.isMissingNode() && !node.isNull() && !node.asString("-").isEmpty()) {
        return Optional.of(node);
      }
    }
    return Optional.empty();
  }
}
