package dev.tutti.dialects;

import dev.tutti.dialects.ClientRequest.AnswerSketch;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Whole answers of Anthropic's dialect, and what its streams share with them.
final class AnthropicBodies {
  private AnthropicBodies() {}

  static String messageId(AnswerContext context) {
    return "msg_" + context.id();
  }

  static String toolIdStem(AnswerContext context) {
    return "toolu_" + context.id() + "_";
  }

  /// @param stopText the stop text the model ran into, empty where nobody said
  static String stopReason(Delta.Reason reason, String stopText) {
    return switch (reason) {
      case STOP -> stopText.isEmpty() ? "end_turn" : "stop_sequence";
      case LENGTH -> "max_tokens";
      case TOOL_CALLS -> "tool_use";
      case CONTENT_FILTER -> "refusal";
    };
  }

  /// The stop text as its field has it: null unless it was why the answer ended.
  static void stop(ObjectNode to, Delta.Reason reason, String stopText) {
    String why = stopReason(reason, stopText);
    to.put("stop_reason", why);
    if (why.equals("stop_sequence")) {
      to.put("stop_sequence", stopText);
    } else {
      to.putNull("stop_sequence");
    }
  }

  /// The cost. This dialect counts what came from a cache beside `input_tokens`, not in it; and its
  /// clients read these numbers without looking whether they are there, so an engine's silence is
  /// written as 0.
  static void usage(ObjectNode to, Delta.Usage usage) {
    int cached = Math.min(usage.cachedTokens(), usage.promptTokens());
    to.putObject("usage")
        .put("input_tokens", usage.promptTokens() - cached)
        .put("cache_creation_input_tokens", 0)
        .put("cache_read_input_tokens", cached)
        .put("output_tokens", usage.outputTokens());
  }

  /// A message in one piece.
  static byte[] message(Gathered all, AnswerSketch sketch, AnswerContext context) {
    ObjectNode body = begin(sketch, context);
    ArrayNode content = body.putArray("content");
    if (!all.reasoning().isEmpty()) {
      content
          .addObject()
          .put("type", "thinking")
          .put("thinking", all.reasoning())
          .put("signature", all.seal());
    }
    if (!all.content().isEmpty()) {
      content.addObject().put("type", "text").put("text", all.content());
    }
    if (all.hasToolCalls()) {
      for (Message.ToolCall call : all.toolCalls(toolIdStem(context))) {
        content
            .addObject()
            .put("type", "tool_use")
            .put("id", call.id())
            .put("name", call.name())
            .set("input", ToolArguments.answered(call));
      }
    }
    stop(body, all.finish(), all.stopText());
    usage(body, all.usage());
    return Json.bytes(body);
  }

  /// A message up to its content.
  static ObjectNode begin(AnswerSketch sketch, AnswerContext context) {
    return Json.object()
        .put("id", messageId(context))
        .put("type", "message")
        .put("role", "assistant")
        .put("model", OpenAiBodies.model(sketch, context));
  }

  /// `/v1/messages/count_tokens`.
  static byte[] count(Gathered all) {
    int tokens = all.whole(Delta.Counted.class).tokens();
    return Json.bytes(Json.object().put("input_tokens", tokens));
  }
}
