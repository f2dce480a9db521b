package dev.tutti.dialects;

import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Whole answers of Ollama's dialect, and what its streams share with them.
final class OllamaBodies {
  /// How far a vector's length may be from 1 before it is scaled.
  private static final double UNIT_TOLERANCE = 1e-3;

  private OllamaBodies() {}

  static String doneReason(Delta.Reason reason) {
    return switch (reason) {
      // Ollama says `stop` after tool calls too.
      case STOP, TOOL_CALLS -> "stop";
      case LENGTH -> "length";
      case CONTENT_FILTER -> "content_filter";
    };
  }

  /// A chat or a generation in one object; or that a model was loaded or unloaded.
  static byte[] answer(Gathered all, AnswerSketch sketch, AnswerContext context) {
    boolean chat = sketch.endpoint() == Endpoint.OLLAMA_CHAT;
    ObjectNode body =
        Json.object().put("model", sketch.model()).put("created_at", context.now().get());
    ObjectNode words = chat ? body.putObject("message").put("role", "assistant") : body;
    words.put(chat ? "content" : "response", all.content());
    if (all.loaded().isPresent()) {
      body.put("done", true).put("done_reason", all.loaded().get() ? "load" : "unload");
      return Json.bytes(body);
    }
    if (!all.reasoning().isEmpty()) {
      words.put("thinking", all.reasoning());
    }
    if (all.hasToolCalls()) {
      words.set("tool_calls", toolCalls(all, context));
    }
    if (!all.logprobs().isEmpty()) {
      body.putArray("logprobs").addAll(all.logprobs());
    }
    body.put("done", true).put("done_reason", doneReason(all.finish()));
    cost(body, all.usage());
    return Json.bytes(body);
  }

  /// The calls with their arguments as objects.
  static ArrayNode toolCalls(Gathered all, AnswerContext context) {
    ArrayNode calls = Json.object().putArray("tool_calls");
    for (Message.ToolCall call : all.toolCalls(OpenAiBodies.callIdStem(context))) {
      int index = calls.size();
      ObjectNode function =
          calls.addObject().put("id", call.id()).putObject("function").put("index", index);
      function.put("name", call.name()).set("arguments", ToolArguments.answered(call));
    }
    return calls;
  }

  /// Durations and counts; what is zero is left out, as Ollama does.
  static void cost(ObjectNode to, Delta.Usage usage) {
    long total = usage.loadNanos() + usage.promptNanos() + usage.outputNanos();
    unlessZero(to, "total_duration", total);
    unlessZero(to, "load_duration", usage.loadNanos());
    unlessZero(to, "prompt_eval_count", usage.promptTokens());
    unlessZero(to, "prompt_eval_duration", usage.promptNanos());
    unlessZero(to, "eval_count", usage.outputTokens());
    unlessZero(to, "eval_duration", usage.outputNanos());
  }

  private static void unlessZero(ObjectNode to, String name, long value) {
    if (value != 0) {
      to.put(name, value);
    }
  }

  /// `/api/embed`: vectors of length 1, as Ollama gives them.
  static byte[] embed(Gathered all, AnswerSketch sketch) {
    var out = new Utf8Buffer();
    out.raw("{\"model\":").json(sketch.model()).raw(",\"embeddings\":[");
    List<float[]> vectors = all.vectors();
    for (int i = 0; i < vectors.size(); i++) {
      out.raw(i == 0 ? "" : ",");
      OpenAiBodies.floats(out, unit(vectors.get(i)));
    }
    out.raw("]");
    Delta.Usage usage = all.usage();
    long total = usage.loadNanos() + usage.promptNanos() + usage.outputNanos();
    out.raw(total == 0 ? "" : ",\"total_duration\":" + total);
    out.raw(usage.loadNanos() == 0 ? "" : ",\"load_duration\":" + usage.loadNanos());
    out.raw(usage.promptTokens() == 0 ? "" : ",\"prompt_eval_count\":" + usage.promptTokens());
    return out.raw("}").toBytes();
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    double length = Math.sqrt(squares);
    if (length == 0 || Math.abs(length - 1) < UNIT_TOLERANCE) {
      return vector;
    }
    float[] scaled = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      scaled[i] = (float) (vector[i] / length);
    }
    return scaled;
  }

  /// `/api/embeddings`: one vector, as the engine gave it; none for an empty prompt.
  static byte[] embeddings(Gathered all) {
    List<float[]> vectors = all.vectors();
    var out = new Utf8Buffer().raw("{\"embedding\":");
    OpenAiBodies.floats(out, vectors.isEmpty() ? new float[0] : vectors.getFirst());
    return out.raw("}").toBytes();
  }
}
