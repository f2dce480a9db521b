package dev.tutti.gateway;

import tools.jackson.databind.json.JsonMapper;

/// Maps, lists, texts and numbers as JSON in UTF-8.
final class JsonText {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonText() {}

  static byte[] bytes(Object document) {
    return MAPPER.writeValueAsBytes(document);
  }

  static String text(Object document) {
    return MAPPER.writeValueAsString(document);
  }
}
