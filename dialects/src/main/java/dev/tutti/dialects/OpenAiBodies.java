package dev.tutti.dialects;

import dev.tutti.dialects.ClientRequest.AnswerSketch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Whole answers of the OpenAI dialect, and what its streams share with them.
final class OpenAiBodies {
  private OpenAiBodies() {}

  /// The model as the answer names it: the client's own word, or what the mesh chose for it.
  static String model(AnswerSketch sketch, AnswerContext context) {
    String asked = sketch.model();
    return asked.equals("auto") || asked.startsWith("auto:")
        ? context.answeredModel().get()
        : asked;
  }

  static String callIdStem(AnswerContext context) {
    return "call_" + context.id() + "_";
  }

  static String finishReason(Delta.Reason reason) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH -> "length";
      case TOOL_CALLS -> "tool_calls";
      case CONTENT_FILTER -> "content_filter";
    };
  }

  /// `/v1/completions` knows no tools.
  static String completionFinishReason(Delta.Reason reason) {
    return reason == Delta.Reason.TOOL_CALLS ? "stop" : finishReason(reason);
  }

  static void usage(ObjectNode to, Delta.Usage usage) {
    ObjectNode node =
        to.putObject("usage")
            .put("prompt_tokens", usage.promptTokens())
            .put("completion_tokens", usage.outputTokens())
            .put("total_tokens", (long) usage.promptTokens() + usage.outputTokens());
    node.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
  }

  static byte[] chat(Gathered all, AnswerSketch sketch, AnswerContext context) {
    ObjectNode body = begin("chatcmpl-" + context.id(), "chat.completion", sketch, context);
    ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
    ObjectNode message = choice.putObject("message").put("role", "assistant");
    if (all.content().isEmpty() && all.hasToolCalls()) {
      message.putNull("content");
    } else {
      message.put("content", all.content());
    }
    message.putNull("refusal");
    if (!all.reasoning().isEmpty()) {
      message.put("reasoning_content", all.reasoning());
    }
    if (all.hasToolCalls()) {
      ArrayNode calls = message.putArray("tool_calls");
      for (Message.ToolCall call : all.toolCalls(callIdStem(context))) {
        ObjectNode node = calls.addObject().put("id", call.id()).put("type", "function");
        node.putObject("function")
            .put("name", call.name())
            .put("arguments", call.arguments().isBlank() ? "{}" : call.arguments());
      }
    }
    if (all.logprobs().isEmpty()) {
      choice.putNull("logprobs");
    } else {
      choice.set("logprobs", chatLogprobs(all.logprobs()));
    }
    choice.put("finish_reason", finishReason(all.finish()));
    all.usageIfAny().ifPresent(usage -> usage(body, usage));
    return Json.bytes(body);
  }

  static byte[] completion(Gathered all, AnswerSketch sketch, AnswerContext context) {
    ObjectNode body = begin("cmpl-" + context.id(), "text_completion", sketch, context);
    ObjectNode choice = body.putArray("choices").addObject().put("text", all.content());
    choice.put("index", 0);
    if (all.logprobs().isEmpty()) {
      choice.putNull("logprobs");
    } else {
      choice.set("logprobs", OpenAiLogprobs.legacy(all.logprobs(), 0));
    }
    choice.put("finish_reason", completionFinishReason(all.finish()));
    all.usageIfAny().ifPresent(usage -> usage(body, usage));
    return Json.bytes(body);
  }

  private static ObjectNode begin(
      String id, String object, AnswerSketch sketch, AnswerContext context) {
    return Json.object()
        .put("id", id)
        .put("object", object)
        .put("created", context.createdSeconds())
        .put("model", model(sketch, context));
  }

  static byte[] embeddings(Gathered all, AnswerSketch sketch, AnswerContext context) {
    List<float[]> vectors = all.vectors();
    var out = new Utf8Buffer();
    out.raw("{\"object\":\"list\",\"data\":[");
    for (int i = 0; i < vectors.size(); i++) {
      out.raw(i == 0 ? "" : ",").raw("{\"object\":\"embedding\",\"index\":" + i);
      out.raw(",\"embedding\":");
      if (sketch.base64()) {
        out.raw("\"").raw(base64(vectors.get(i))).raw("\"");
      } else {
        floats(out, vectors.get(i));
      }
      out.raw("}");
    }
    int tokens = all.usage().promptTokens();
    out.raw("],\"model\":").json(model(sketch, context));
    out.raw(",\"usage\":{\"prompt_tokens\":" + tokens + ",\"total_tokens\":" + tokens + "}}");
    return out.toBytes();
  }

  /// `/v1/responses/input_tokens`.
  static byte[] inputTokens(Gathered all) {
    return Json.bytes(
        Json.object()
            .put("object", "response.input_tokens")
            .put("input_tokens", all.whole(Delta.Counted.class).tokens()));
  }

  /// `/v1/rerank`.
  static byte[] ranking(Gathered all, AnswerSketch sketch, AnswerContext context) {
    ObjectNode body = Json.object().put("object", "list").put("model", model(sketch, context));
    ArrayNode results = body.putArray("results");
    for (Delta.Rank rank : all.whole(Delta.Ranking.class).ranks()) {
      ObjectNode result =
          results.addObject().put("index", rank.index()).put("relevance_score", rank.relevance());
      Optional.ofNullable(sketch.echo().get(RerankRequests.DOCUMENTS))
          .ifPresent(
              documents -> result.putObject("document").set("text", documents.get(rank.index())));
    }
    all.usageIfAny()
        .ifPresent(usage ->
            body.putObject("usage")
                .put("prompt_tokens", usage.promptTokens())
                .put("total_tokens", usage.promptTokens()));
    return Json.bytes(body);
  }

  /// A vector as an array of JSON numbers.
  static void floats(Utf8Buffer out, float[] vector) {
    out.raw("[");
    for (int i = 0; i < vector.length; i++) {
      out.raw(i == 0 ? Float.toString(vector[i]) : "," + vector[i]);
    }
    out.raw("]");
  }

  private static byte[] base64(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encode(bytes.array());
  }

  /// Log probabilities of a chat.
  static ObjectNode chatLogprobs(List<JsonNode> entries) {
    ObjectNode logprobs = Json.object();
    logprobs.putArray("content").addAll(OpenAiLogprobs.complete(entries));
    return logprobs.putNull("refusal");
  }
}
