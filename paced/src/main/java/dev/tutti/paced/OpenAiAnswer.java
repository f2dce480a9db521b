package dev.tutti.paced;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// OpenAI's server-sent events, for `/v1/chat/completions` and `/v1/completions`.
final class OpenAiAnswer implements AnswerFormat {
  /// Which of the two paths is answered.
  enum Shape {
    CHAT,
    TEXT
  }

  /// Whether a stream tells its usage at the end.
  enum Usage {
    INCLUDED,
    LEFT_OUT
  }

  private static final double NANOS_PER_MILLI = 1e6;

  private final Machine machine;
  private final String model;
  private final Shape shape;
  private final Usage usage;
  private final String id;
  private final long createdSeconds;

  OpenAiAnswer(Machine machine, String model, Shape shape, Usage usage) {
    this.machine = machine;
    this.model = model;
    this.shape = shape;
    this.usage = usage;
    this.id = (shape == Shape.CHAT ? "chatcmpl-" : "cmpl-") + machine.nextId();
    this.createdSeconds = machine.time().now().getEpochSecond();
  }

  @Override
  public String streamType() {
    return "text/event-stream";
  }

  @Override
  public String open() {
    ObjectNode first = JsonNodeFactory.instance.objectNode();
    first.put("role", "assistant").put("content", "");
    return shape == Shape.CHAT ? event(deltaChunk(first)) : "";
  }

  @Override
  public String piece(Piece piece) {
    ObjectNode delta = JsonNodeFactory.instance.objectNode();
    switch (piece) {
      case Piece.Text(String text) -> {
        if (shape == Shape.TEXT) {
          return event(textChunk(text));
        }
        delta.put("content", text);
      }
      case Piece.Thought(String text) -> delta.put("reasoning_content", text);
      case Piece.CallOpened(String callId, String tool) -> {
        ObjectNode call = delta.putArray("tool_calls").addObject().put("index", 0);
        call.put("id", callId).put("type", "function").putObject("function").put("name", tool);
        ((ObjectNode) call.path("function")).put("arguments", "");
      }
      case Piece.CallArguments(String fragment) ->
          delta
              .putArray("tool_calls")
              .addObject()
              .put("index", 0)
              .putObject("function")
              .put("arguments", fragment);
      case Piece.CallClosed _ -> {
        return "";
      }
    }
    return shape == Shape.CHAT ? event(deltaChunk(delta)) : "";
  }

  @Override
  public String close(Spent spent) {
    ObjectNode last =
        shape == Shape.CHAT ? deltaChunk(JsonNodeFactory.instance.objectNode()) : textChunk("");
    ((ObjectNode) last.path("choices").path(0)).put("finish_reason", finish(spent));
    if (usage == Usage.LEFT_OUT) {
      addTimings(last, spent);
      return event(last) + "data: [DONE]\n\n";
    }
    ObjectNode tail = head(shape == Shape.CHAT ? "chat.completion.chunk" : "text_completion");
    tail.putArray("choices");
    tail.set("usage", usage(spent));
    addTimings(tail, spent);
    return event(last) + event(tail) + "data: [DONE]\n\n";
  }

  @Override
  public JsonNode whole(List<Piece> pieces, Spent spent) {
    ObjectNode body = head(shape == Shape.CHAT ? "chat.completion" : "text_completion");
    ObjectNode choice = body.putArray("choices").addObject().put("index", 0);
    switch (shape) {
      case CHAT -> choice.set("message", message(pieces));
      case TEXT -> choice.put("text", AnswerFormat.text(pieces));
    }
    choice.putNull("logprobs").put("finish_reason", finish(spent));
    body.set("usage", usage(spent));
    addTimings(body, spent);
    return body;
  }

  private static ObjectNode message(List<Piece> pieces) {
    ObjectNode message = JsonNodeFactory.instance.objectNode().put("role", "assistant");
    var calls = AnswerFormat.calls(pieces);
    String text = AnswerFormat.text(pieces);
    if (calls.isEmpty() || !text.isEmpty()) {
      message.put("content", text);
    } else {
      message.putNull("content");
    }
    String thinking = AnswerFormat.thinking(pieces);
    if (!thinking.isEmpty()) {
      message.put("reasoning_content", thinking);
    }
    if (!calls.isEmpty()) {
      var list = message.putArray("tool_calls");
      for (var call : calls) {
        list.addObject()
            .put("id", call.id())
            .put("type", "function")
            .putObject("function")
            .put("name", call.tool())
            .put("arguments", call.arguments().toString());
      }
    }
    return message;
  }

  private ObjectNode head(String object) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("object", object)
        .put("created", createdSeconds)
        .put("model", model)
        .put("system_fingerprint", "simulated");
  }

  private ObjectNode deltaChunk(ObjectNode delta) {
    ObjectNode chunk = head("chat.completion.chunk");
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.putNull("logprobs").putNull("finish_reason");
    return chunk;
  }

  private ObjectNode textChunk(String text) {
    ObjectNode chunk = head("text_completion");
    chunk
        .putArray("choices")
        .addObject()
        .put("index", 0)
        .put("text", text)
        .putNull("logprobs")
        .putNull("finish_reason");
    return chunk;
  }

  private static String finish(Spent spent) {
    return switch (spent.finish()) {
      case STOP -> "stop";
      case LENGTH -> "length";
      case TOOL_CALL -> "tool_calls";
    };
  }

  private static ObjectNode usage(Spent spent) {
    ObjectNode usage = JsonNodeFactory.instance.objectNode();
    usage
        .put("prompt_tokens", spent.promptTokens())
        .put("completion_tokens", spent.answerTokens())
        .put("total_tokens", spent.promptTokens() + spent.answerTokens())
        .putObject("prompt_tokens_details")
        .put("cached_tokens", 0);
    return usage;
  }

  /// What llama-server alone adds.
  private void addTimings(ObjectNode body, Spent spent) {
    if (machine.profile().kind() == EngineKind.LLAMA_SERVER) {
      body.putObject("timings")
          .put("cache_n", 0)
          .put("prompt_n", spent.promptTokens())
          .put("prompt_ms", spent.prefillNanos() / NANOS_PER_MILLI)
          .put("prompt_per_second", spent.promptTokensPerSecond())
          .put("predicted_n", spent.answerTokens())
          .put("predicted_ms", spent.decodeNanos() / NANOS_PER_MILLI)
          .put("predicted_per_second", spent.answerTokensPerSecond());
    }
  }

  private static String event(ObjectNode data) {
    return "data: " + data + "\n\n";
  }
}
