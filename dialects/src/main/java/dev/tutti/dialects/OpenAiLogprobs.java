package dev.tutti.dialects;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Log probabilities in OpenAI's two shapes: chat's `content` entries, which are ours too, and the
/// parallel arrays of `/v1/completions`.
final class OpenAiLogprobs {
  private OpenAiLogprobs() {}

  /// Either shape as entries.
  static List<JsonNode> read(JsonParser parser) {
    List<JsonNode> content = List.of();
    List<JsonNode> tokens = List.of();
    List<JsonNode> values = List.of();
    List<JsonNode> tops = List.of();
    if (!JsonPieces.isObject(parser)) {
      return content;
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "content" -> content = JsonPieces.trees(parser);
        case "tokens" -> tokens = JsonPieces.trees(parser);
        case "token_logprobs" -> values = JsonPieces.trees(parser);
        case "top_logprobs" -> tops = JsonPieces.trees(parser);
        default -> parser.skipChildren();
      }
    }
    return tokens.isEmpty() ? content : entries(tokens, values, tops);
  }

  private static List<JsonNode> entries(
      List<JsonNode> tokens, List<JsonNode> values, List<JsonNode> tops) {
    var entries = new ArrayList<JsonNode>(tokens.size());
    for (int i = 0; i < tokens.size(); i++) {
      ObjectNode entry = Json.object();
      entry.set("token", tokens.get(i));
      if (i < values.size()) {
        entry.set("logprob", values.get(i));
      }
      ArrayNode top = entry.putArray("top_logprobs");
      if (i < tops.size()) {
        for (Map.Entry<String, JsonNode> field : tops.get(i).properties()) {
          top.addObject().put("token", field.getKey()).set("logprob", field.getValue());
        }
      }
      entries.add(entry);
    }
    return entries;
  }

  /// Entries with all that OpenAI promises of each; those that are none are left out.
  static List<JsonNode> complete(List<JsonNode> entries) {
    var all = new ArrayList<JsonNode>(entries.size());
    for (JsonNode entry : entries) {
      if (isOne(entry)) {
        ObjectNode whole = token(entry);
        ArrayNode top = whole.putArray("top_logprobs");
        for (JsonNode other : entry.path("top_logprobs")) {
          if (isOne(other)) {
            top.add(token(other));
          }
        }
        all.add(whole);
      }
    }
    return all;
  }

  private static boolean isOne(JsonNode entry) {
    return entry.path("token").isString() && entry.path("logprob").isNumber();
  }

  private static ObjectNode token(JsonNode entry) {
    String token = entry.path("token").stringValue();
    ObjectNode node = Json.object().put("token", token);
    node.set("logprob", entry.get("logprob"));
    JsonNode bytes = entry.path("bytes");
    if (bytes.isArray()) {
      node.set("bytes", bytes);
    } else {
      ArrayNode own = node.putArray("bytes");
      for (byte each : token.getBytes(StandardCharsets.UTF_8)) {
        own.add(each & 0xFF);
      }
    }
    return node;
  }

  /// Entries as the parallel arrays of `/v1/completions`.
  ///
  /// @param offset where the first token begins in the answer, in characters
  static ObjectNode legacy(List<JsonNode> entries, int offset) {
    ObjectNode legacy = Json.object();
    ArrayNode tokens = legacy.putArray("tokens");
    ArrayNode values = legacy.putArray("token_logprobs");
    ArrayNode tops = legacy.putArray("top_logprobs");
    ArrayNode offsets = legacy.putArray("text_offset");
    int at = offset;
    for (JsonNode entry : entries) {
      String token = text(entry);
      tokens.add(token);
      values.add(value(entry));
      ObjectNode top = tops.addObject();
      JsonNode alternatives = entry.get("top_logprobs");
      if (alternatives != null) {
        for (JsonNode alternative : alternatives) {
          top.set(text(alternative), value(alternative));
        }
      }
      offsets.add(at);
      at += token.length();
    }
    return legacy;
  }

  private static String text(JsonNode entry) {
    JsonNode token = entry.get("token");
    return token != null && token.isString() ? token.stringValue() : "";
  }

  private static JsonNode value(JsonNode entry) {
    JsonNode value = entry.get("logprob");
    return value != null ? value : NullNode.getInstance();
  }
}
