package dev.tutti.backends;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads what engines say about themselves. All of it is hostile: bounded in size, depth and
/// number, and whatever has an unexpected type is as if it were not there.
final class EngineJson {
  /// Bytes of one answer at most.
  static final int MAX_BYTES = 4 * 1024 * 1024;

  /// Nesting at most.
  static final int MAX_DEPTH = 64;

  /// Values, names and brackets of one answer at most.
  static final int MAX_TOKENS = 400_000;

  /// Characters of one text at most: a license or a chat template.
  static final int MAX_TEXT_CHARS = 1024 * 1024;

  /// Characters of a text that is kept.
  static final int MAX_KEPT_CHARS = 256;

  /// Capabilities of one model that are kept.
  static final int MAX_CAPABILITIES = 16;

  private static final int MAX_NAME_CHARS = 1_024;
  private static final int MAX_DIGITS = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxDocumentLength(MAX_BYTES)
                          .maxNestingDepth(MAX_DEPTH)
                          .maxTokenCount(MAX_TOKENS)
                          .maxStringLength(MAX_TEXT_CHARS)
                          .maxNameLength(MAX_NAME_CHARS)
                          .maxNumberLength(MAX_DIGITS)
                          .build())
                  .build())
          .build();

  private EngineJson() {}

  /// The object in those bytes, if they are one.
  static Optional<JsonNode> object(byte[] bytes) {
    try {
      JsonNode root = MAPPER.readTree(bytes);
      return root != null && root.isObject() ? Optional.of(root) : Optional.empty();
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  /// A text of that name without control characters, empty when there is none.
  static String text(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isString()) {
      return "";
    }
    return clean(value.stringValue());
  }

  private static String clean(String text) {
    var kept = new StringBuilder();
    for (int i = 0; i < text.length() && kept.length() < MAX_KEPT_CHARS; i++) {
      char c = text.charAt(i);
      if (!Character.isISOControl(c)) {
        kept.append(c);
      }
    }
    return kept.toString();
  }

  /// A model's name as the engine spells it.
  static Optional<ModelName> model(JsonNode object, String field) {
    JsonNode value = object.path(field);
    if (!value.isString()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ModelName(value.stringValue()));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// A whole number of 0 or more, 0 when there is none or it is too large.
  static int count(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      return 0;
    }
    return Math.max(0, value.intValue());
  }

  /// An amount of bytes, unknown when there is none.
  static Bytes bytes(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      return Bytes.UNKNOWN;
    }
    return new Bytes(value.longValue());
  }

  /// Whether a flag of that name is there and set.
  static boolean isSet(JsonNode object, String name) {
    JsonNode value = object.path(name);
    return value.isBoolean() && value.booleanValue();
  }

  /// The texts of an array.
  static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    for (JsonNode value : array) {
      if (value.isString() && texts.size() < MAX_CAPABILITIES) {
        texts.add(clean(value.stringValue()));
      }
    }
    return texts;
  }

  /// Keeps a text under that name unless it is empty.
  static void keep(Map<String, String> details, String name, String text) {
    if (!text.isEmpty()) {
      details.put(name, text);
    }
  }
}
