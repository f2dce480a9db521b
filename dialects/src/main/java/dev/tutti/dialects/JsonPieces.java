package dev.tutti.dialects;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// Reading values of an engine's record as they come, without a tree. A known field of another type
/// means that this is no answer; unknown fields are skipped by the caller.
final class JsonPieces {
  private static final double NANOS_PER_MILLI = 1e6;

  private JsonPieces() {}

  /// Reads one record that must be a single JSON object.
  ///
  /// @param fields called once with the parser at the start of the object; leaves it at its end
  static void object(byte[] bytes, int offset, int length, Consumer<JsonParser> fields) {
    try (JsonParser parser = Json.parser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw EngineErrors.garbage();
      }
      fields.accept(parser);
      if (parser.nextToken() != null) {
        throw EngineErrors.garbage();
      }
    } catch (JacksonException e) {
      throw EngineErrors.garbage(e);
    }
  }

  /// Whether the current value is an object to be read; null is not.
  static boolean isObject(JsonParser parser) {
    return expect(parser, JsonToken.START_OBJECT);
  }

  /// Whether the current value is an array to be read; null is not.
  static boolean isArray(JsonParser parser) {
    return expect(parser, JsonToken.START_ARRAY);
  }

  private static boolean expect(JsonParser parser, JsonToken wanted) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return false;
    }
    if (parser.currentToken() != wanted) {
      throw EngineErrors.garbage();
    }
    return true;
  }

  /// A text; empty for null.
  static String text(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return "";
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw EngineErrors.garbage();
    }
    return parser.getString();
  }

  /// A boolean; false for null.
  static boolean flag(JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE, VALUE_NULL -> false;
      default -> throw EngineErrors.garbage();
    };
  }

  /// A count, at least 0; 0 for null.
  static int count(JsonParser parser) {
    return (int) Math.min(Integer.MAX_VALUE, nanos(parser));
  }

  /// A whole number, at least 0; 0 for null.
  static long nanos(JsonParser parser) {
    double value = number(parser);
    return value <= 0 ? 0 : (long) value;
  }

  /// Milliseconds with a fraction as nanoseconds.
  static long millisAsNanos(JsonParser parser) {
    double value = number(parser) * NANOS_PER_MILLI;
    return value <= 0 ? 0 : Math.round(value);
  }

  /// A number; 0 for null.
  static double number(JsonParser parser) {
    return switch (parser.currentToken()) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_NULL -> 0;
      default -> throw EngineErrors.garbage();
    };
  }

  /// Any value as a tree.
  static JsonNode tree(JsonParser parser) {
    JsonNode tree = parser.readValueAsTree();
    if (tree == null) {
      throw EngineErrors.garbage();
    }
    return tree;
  }

  /// The elements of an array as trees; none for null.
  static List<JsonNode> trees(JsonParser parser) {
    var trees = new ArrayList<JsonNode>();
    if (isArray(parser)) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        trees.add(tree(parser));
      }
    }
    return trees;
  }
}
