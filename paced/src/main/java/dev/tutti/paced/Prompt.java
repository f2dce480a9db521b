package dev.tutti.paced;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What a simulated model sees of a prompt: how long it is, what was said last, and how many
/// results of tools it holds.
record Prompt(long tokens, String lastText, LastTurn lastTurn, int toolResults) {
  /// What an image counts for.
  static final long IMAGE_TOKENS = 256;

  private static final long MESSAGE_OVERHEAD_TOKENS = 4;

  /// Whose turn the last message was.
  enum LastTurn {
    TOOL_RESULT,
    OTHER
  }

  /// Reads `messages` of any dialect. A tool's result is a message of the role `tool`, or one with
  /// a block of the type `tool_result`.
  static Prompt ofMessages(JsonNode messages, JsonNode system) {
    long tokens = Words.count(texts(system));
    String lastText = "";
    LastTurn lastTurn = LastTurn.OTHER;
    int toolResults = 0;
    for (JsonNode message : messages.values()) {
      String text = texts(message.path("content"));
      tokens += MESSAGE_OVERHEAD_TOKENS + Words.count(text) + images(message);
      int results = message.path("role").asString("").equals("tool") ? 1 : 0;
      for (JsonNode block : message.path("content").values()) {
        results += block.path("type").asString("").equals("tool_result") ? 1 : 0;
      }
      lastText = text;
      toolResults += results;
      lastTurn = results > 0 ? LastTurn.TOOL_RESULT : LastTurn.OTHER;
    }
    return new Prompt(tokens, lastText, lastTurn, toolResults);
  }

  /// Reads a prompt that is one text, or a list of texts or token numbers.
  static Prompt ofText(JsonNode prompt) {
    String text = texts(prompt);
    long tokens = prompt.path(0).isNumber() ? prompt.size() : Words.count(text);
    return new Prompt(Math.max(1, tokens), text, LastTurn.OTHER, 0);
  }

  /// The texts in an `input` field: one string, or a list of strings or of lists of tokens.
  static List<String> inputs(JsonNode input) {
    if (!input.isArray()) {
      return List.of(input.asString(""));
    }
    if (input.path(0).isNumber()) {
      return List.of(input.toString());
    }
    List<String> texts = new ArrayList<>();
    input.values().forEach(each -> texts.add(each.asString(each.toString())));
    return texts;
  }

  private static long images(JsonNode message) {
    long images = message.path("images").size();
    for (JsonNode block : message.path("content").values()) {
      images += block.path("type").asString("").startsWith("image") ? 1 : 0;
    }
    return images * IMAGE_TOKENS;
  }

  private static String texts(JsonNode content) {
    if (content.isString()) {
      return content.stringValue();
    }
    var text = new StringBuilder();
    for (JsonNode part : content.values()) {
      text.append(part.isString() ? part.stringValue() : part.path("text").asString(""));
      if (part.has("content")) {
        text.append(texts(part.path("content")));
      }
    }
    return text.toString();
  }
}
