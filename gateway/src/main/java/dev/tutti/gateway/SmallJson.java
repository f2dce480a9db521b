package dev.tutti.gateway;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.Json;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// The body of a command: a small JSON object, read field by field. Unknown fields are ignored.
final class SmallJson {
  /// The largest body of a command, in bytes.
  static final int MAX_BYTES = 64 * 1024;

  /// The longest text in a command, in characters.
  static final int MAX_TEXT_CHARS = 2_048;

  private final JsonNode object;

  private SmallJson(JsonNode object) {
    this.object = object;
  }

  /// Reads a body; an empty one is an empty object.
  ///
  /// @throws MeshException `INVALID_REQUEST` when it is no JSON object
  static SmallJson read(byte[] body) {
    JsonNode node = Json.read(body.length == 0 ? new byte[] {'{', '}'} : body);
    if (!node.isObject()) {
      throw Refusals.invalid("body: no JSON object (expected: a JSON object)");
    }
    return new SmallJson(node);
  }

  /// A text that must be there.
  String text(String name) {
    return optionalText(name)
        .orElseThrow(() -> Refusals.invalid(name + ": missing (expected: a text)"));
  }

  /// A text, when it is there, not null and not blank.
  Optional<String> optionalText(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw Refusals.invalid(name + ": no text (expected: a text)");
    }
    String text = value.stringValue().strip();
    if (text.length() > MAX_TEXT_CHARS) {
      throw Refusals.invalid(name + ": too long (expected: <= " + MAX_TEXT_CHARS + " characters)");
    }
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /// A whole number within bounds, when it is there and not null.
  OptionalInt optionalInt(String name, int least, int most) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return OptionalInt.empty();
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw Refusals.invalid(
          name + ": not understood (expected: a whole number, " + least + " to " + most + ")");
    }
    return OptionalInt.of(value.intValue());
  }

  /// A number, when it is there and not null.
  OptionalDouble optionalNumber(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return OptionalDouble.empty();
    }
    if (!value.isNumber()) {
      throw Refusals.invalid(name + ": no number (expected: a number)");
    }
    return OptionalDouble.of(value.doubleValue());
  }

  /// A list of texts, empty when it is missing.
  List<String> texts(String name, int most) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()
        || value.size() > most
        || !value.valueStream().allMatch(JsonNode::isString)) {
      throw Refusals.invalid(
          name + ": not understood (expected: a list of at most " + most + " texts)");
    }
    return value.valueStream().map(each -> each.stringValue().strip()).toList();
  }

  /// A yes or no, no when it is missing.
  boolean flag(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw Refusals.invalid(name + ": no boolean (expected: true or false)");
    }
    return value.booleanValue();
  }

  /// An object inside, empty when it is missing.
  SmallJson object(String name) {
    JsonNode value = object.get(name);
    if (value == null || value.isNull()) {
      return read(new byte[0]);
    }
    if (!value.isObject()) {
      throw Refusals.invalid(name + ": no object (expected: a JSON object)");
    }
    return new SmallJson(value);
  }
}
