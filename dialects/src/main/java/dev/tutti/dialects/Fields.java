package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The fields of one JSON object of a request, taken by name and type. A field of another type is
/// refused, JSON's null counts as absent, and what nobody took is the {@link #rest()}.
final class Fields {
  private final JsonNode node;
  private final String path;
  private final Set<String> taken = new HashSet<>();

  private Fields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /// The fields of a whole body.
  static Fields ofBody(byte[] body) {
    JsonNode node = Json.read(body);
    if (!node.isObject()) {
      throw wrong("body", node, "a JSON object");
    }
    return new Fields(node, "");
  }

  /// The fields of an object inside a body.
  ///
  /// @param path where it is, for messages
  static Fields of(JsonNode node, String path) {
    if (!node.isObject()) {
      throw wrong(path, node, "an object");
    }
    return new Fields(node, path + ".");
  }

  /// Where a field of this object is, for messages.
  String at(String name) {
    return path + name;
  }

  Optional<JsonNode> any(String name) {
    taken.add(name);
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  JsonNode required(String name, String expected) {
    return any(name).orElseThrow(() -> missing(name, expected));
  }

  MeshException missing(String name, String expected) {
    return MeshException.invalid(at(name) + ": missing (expected: " + expected + ")");
  }

  Optional<String> text(String name) {
    return any(name).map(value -> text(value, at(name)));
  }

  String requiredText(String name) {
    return text(required(name, "a string"), at(name));
  }

  static String text(JsonNode value, String at) {
    if (!value.isString()) {
      throw wrong(at, value, "a string");
    }
    return value.stringValue();
  }

  Optional<Boolean> flag(String name) {
    Optional<JsonNode> value = any(name);
    value
        .filter(found -> !found.isBoolean())
        .ifPresent(found -> {
          throw wrong(at(name), found, "a boolean");
        });
    return value.map(JsonNode::booleanValue);
  }

  boolean flag(String name, boolean absent) {
    return flag(name).orElse(absent);
  }

  OptionalDouble number(String name) {
    Optional<JsonNode> value = any(name);
    if (value.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (!value.get().isNumber()) {
      throw wrong(at(name), value.get(), "a number");
    }
    double number = toDouble(value.get());
    if (!Double.isFinite(number)) {
      throw wrong(at(name), value.get(), "a finite number");
    }
    return OptionalDouble.of(number);
  }

  OptionalLong longNumber(String name) {
    Optional<JsonNode> value = any(name);
    return value.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(integer(value.get(), at(name), Long.MIN_VALUE, Long.MAX_VALUE));
  }

  OptionalInt integer(String name, int least, int most) {
    Optional<JsonNode> value = any(name);
    return value.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of((int) integer(value.get(), at(name), least, most));
  }

  /// A whole number; some clients write it as `3.0`.
  static long integer(JsonNode value, String at, long least, long most) {
    String expected =
        least == Long.MIN_VALUE || (least == Integer.MIN_VALUE && most == Integer.MAX_VALUE)
            ? "a whole number"
            : most >= Integer.MAX_VALUE
                ? "a whole number of at least " + least
                : "a whole number from " + least + " to " + most;
    long found;
    if (value.isInt() || value.isLong()) {
      found = value.longValue();
    } else if (value.isDouble()
        && value.doubleValue() == Math.rint(value.doubleValue())
        && Math.abs(value.doubleValue()) <= 1L << 53) {
      found = (long) value.doubleValue();
    } else {
      throw wrong(at, value, expected);
    }
    if (found < least || found > most) {
      throw wrong(at, value, expected);
    }
    return found;
  }

  List<JsonNode> array(String name) {
    return any(name).map(value -> array(value, at(name))).orElse(List.of());
  }

  static List<JsonNode> array(JsonNode value, String at) {
    if (!value.isArray()) {
      throw wrong(at, value, "an array");
    }
    return List.copyOf(value.values());
  }

  Optional<Fields> object(String name) {
    return any(name).map(value -> Fields.of(value, at(name)));
  }

  /// One string or an array of strings.
  List<String> texts(String name) {
    Optional<JsonNode> value = any(name);
    if (value.isEmpty()) {
      return List.of();
    }
    if (value.get().isString()) {
      return List.of(value.get().stringValue());
    }
    if (!value.get().isArray()) {
      throw wrong(at(name), value.get(), "a string or an array of strings");
    }
    var texts = new ArrayList<String>(value.get().size());
    for (JsonNode element : value.get()) {
      texts.add(text(element, at(name) + "[" + texts.size() + "]"));
    }
    return texts;
  }

  /// The fields nobody took, nulls left out.
  Map<String, JsonNode> rest() {
    var rest = new HashMap<String, JsonNode>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!taken.contains(field.getKey()) && !field.getValue().isNull()) {
        rest.put(field.getKey(), field.getValue());
      }
    }
    return rest;
  }

  /// A value that may not be there. Texts are never quoted: they may be somebody's prompt.
  static MeshException wrong(String at, JsonNode value, String expected) {
    String shown =
        switch (value.getNodeType()) {
          case STRING -> "a string";
          case OBJECT -> "an object";
          case ARRAY -> "an array";
          case NUMBER -> number(value);
          case BOOLEAN, NULL -> value.toString();
          case BINARY, MISSING, POJO -> "nothing";
        };
    return MeshException.invalid(at + ": " + shown + " (expected: " + expected + ")");
  }

  private static String number(JsonNode value) {
    boolean shown =
        value.isInt() || value.isLong() || (value.isDouble() && Double.isFinite(toDouble(value)));
    return shown ? value.toString() : "a number";
  }

  /// Any number as a double: infinite where it is too large.
  static double toDouble(JsonNode number) {
    return number.numberValue().doubleValue();
  }

  /// Something the dialect knows and nobody here does, whatever the backend.
  static MeshException unsupported(String message) {
    return new MeshException(Failure.of(FailureCode.UNSUPPORTED, Retry.POINTLESS, message));
  }
}
