package dev.tutti.simulate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A mapping of a YAML file, read strictly: what nobody asked for is an error and not a default.
/// Values may come from a second mapping that lies below the first.
final class YamlMap {
  private final String path;
  private final JsonNode upper;
  private final JsonNode lower;
  private final Set<String> asked = new HashSet<>();

  private YamlMap(String path, JsonNode upper, JsonNode lower) {
    this.path = path;
    this.upper = upper;
    this.lower = lower;
  }

  static YamlMap parse(String name, String text) {
    try {
      return of(name, YAMLMapper.shared().readTree(text));
    } catch (JacksonException e) {
      String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
      throw new InputException(name + line + ": not YAML (expected: a mapping)", e);
    }
  }

  private static YamlMap of(String path, JsonNode node) {
    if (!node.isObject()) {
      throw new InputException(path + ": " + node.getNodeType() + " (expected: a mapping)");
    }
    return new YamlMap(path, node, JsonNodeFactory.instance.objectNode());
  }

  /// The same mapping, where what it does not say is taken from another.
  YamlMap over(YamlMap other) {
    return new YamlMap(path, upper, other.upper);
  }

  String path(String key) {
    return path + "." + key;
  }

  boolean has(String key) {
    return !get(key).isMissingNode();
  }

  /// Whether this mapping says it and not the one below.
  boolean saysItself(String key) {
    return upper.has(key);
  }

  private JsonNode get(String key) {
    asked.add(key);
    JsonNode found = upper.path(key);
    return found.isMissingNode() ? lower.path(key) : found;
  }

  String text(String key, String otherwise) {
    JsonNode node = get(key);
    if (node.isMissingNode()) {
      return otherwise;
    }
    if (!node.isValueNode()) {
      throw wrong(key, node, "a word");
    }
    return node.asString("");
  }

  double number(String key, double otherwise, double least, double most) {
    JsonNode node = get(key);
    if (node.isMissingNode()) {
      return otherwise;
    }
    double value = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (!(value >= least && value <= most)) {
      throw wrong(key, node, least + " to " + most);
    }
    return value;
  }

  /// A number that must be there.
  double number(String key, double least, double most) {
    double value = number(key, Double.NaN, least, most);
    if (Double.isNaN(value)) {
      throw new InputException(path(key) + ": missing (expected: " + least + " to " + most + ")");
    }
    return value;
  }

  int whole(String key, int otherwise, int least, int most) {
    JsonNode node = get(key);
    if (node.isMissingNode()) {
      return otherwise;
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.longValue() < least
        || node.longValue() > most) {
      throw wrong(key, node, least + " to " + most);
    }
    return node.intValue();
  }

  boolean flag(String key) {
    JsonNode node = get(key);
    if (!node.isMissingNode() && !node.isBoolean()) {
      throw wrong(key, node, "true or false");
    }
    return node.asBoolean(false);
  }

  /// A mapping of mappings, in the file's order; empty when it is not there.
  Map<String, YamlMap> maps(String key) {
    JsonNode node = get(key);
    if (!node.isMissingNode() && !node.isObject()) {
      throw wrong(key, node, "a mapping");
    }
    var maps = new LinkedHashMap<String, YamlMap>();
    node.properties()
        .forEach(entry ->
            maps.put(entry.getKey(), of(path(key) + "." + entry.getKey(), entry.getValue())));
    return maps;
  }

  /// A mapping, of which nothing need be said.
  YamlMap map(String key) {
    JsonNode node = get(key);
    return of(path(key), node.isMissingNode() ? JsonNodeFactory.instance.objectNode() : node);
  }

  /// A list of words.
  List<String> words(String key) {
    JsonNode node = get(key);
    if (!node.isArray()) {
      throw wrong(key, node, "a list");
    }
    var words = new ArrayList<String>();
    for (JsonNode item : node.values()) {
      if (!item.isValueNode()) {
        throw wrong(key, item, "a word");
      }
      words.add(item.asString(""));
    }
    return words;
  }

  /// A list of mappings.
  List<YamlMap> list(String key) {
    JsonNode node = get(key);
    if (!node.isArray() || node.isEmpty()) {
      throw wrong(key, node, "a list");
    }
    var list = new ArrayList<YamlMap>();
    for (JsonNode item : node.values()) {
      list.add(of(path(key) + "[" + list.size() + "]", item));
    }
    return list;
  }

  /// Everything was asked for that could be: what is left has no meaning.
  void end() {
    for (JsonNode node : List.of(upper, lower)) {
      for (String key : node.propertyNames()) {
        if (!asked.contains(key)) {
          throw new InputException(
              path(key) + ": unknown (expected: one of " + asked.stream().sorted().toList() + ")");
        }
      }
    }
  }

  private InputException wrong(String key, JsonNode node, String expected) {
    String said = node.isMissingNode() ? "missing" : node.toString();
    return new InputException(path(key) + ": " + said + " (expected: " + expected + ")");
  }
}
