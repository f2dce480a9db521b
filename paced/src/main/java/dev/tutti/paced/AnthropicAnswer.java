package dev.tutti.paced;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Anthropic's server-sent events, for `/v1/messages`.
final class AnthropicAnswer implements AnswerFormat {
  private static final String SIGNATURE = "c2ltdWxhdGVk";

  /// The sort of content block that is open.
  private enum Block {
    NONE,
    TEXT,
    THINKING,
    TOOL
  }

  private final String model;
  private final String id;
  private final long promptTokens;
  private Block block = Block.NONE;
  private int index = -1;

  AnthropicAnswer(Machine machine, String model, long promptTokens) {
    this.model = model;
    this.promptTokens = promptTokens;
    this.id = "msg_" + machine.nextId();
  }

  @Override
  public String streamType() {
    return "text/event-stream";
  }

  @Override
  public String open() {
    ObjectNode start = event("message_start");
    ObjectNode message = message();
    message.putNull("stop_reason").putNull("stop_sequence").set("usage", usage(promptTokens, 0));
    start.set("message", message);
    return write(start) + write(event("ping"));
  }

  @Override
  public String piece(Piece piece) {
    return switch (piece) {
      case Piece.Text(String text) ->
          enter(Block.TEXT, object().put("type", "text").put("text", ""))
              + delta(object().put("type", "text_delta").put("text", text));
      case Piece.Thought(String text) ->
          enter(Block.THINKING, object().put("type", "thinking").put("thinking", ""))
              + delta(object().put("type", "thinking_delta").put("thinking", text));
      case Piece.CallOpened(String callId, String tool) -> {
        ObjectNode opening = object().put("type", "tool_use").put("id", callId).put("name", tool);
        opening.putObject("input");
        yield enter(Block.TOOL, opening);
      }
      case Piece.CallArguments(String fragment) ->
          delta(object().put("type", "input_json_delta").put("partial_json", fragment));
      case Piece.CallClosed _ -> leave();
    };
  }

  @Override
  public String close(Spent spent) {
    ObjectNode last = event("message_delta");
    last.putObject("delta").put("stop_reason", stopReason(spent)).putNull("stop_sequence");
    last.set("usage", usage(spent.promptTokens(), spent.answerTokens()));
    return leave() + write(last) + write(event("message_stop"));
  }

  @Override
  public JsonNode whole(List<Piece> pieces, Spent spent) {
    ObjectNode message = message();
    var content = message.withArray("content");
    String thinking = AnswerFormat.thinking(pieces);
    if (!thinking.isEmpty()) {
      content
          .addObject()
          .put("type", "thinking")
          .put("thinking", thinking)
          .put("signature", SIGNATURE);
    }
    String text = AnswerFormat.text(pieces);
    if (!text.isEmpty()) {
      content.addObject().put("type", "text").put("text", text);
    }
    for (var call : AnswerFormat.calls(pieces)) {
      content
          .addObject()
          .put("type", "tool_use")
          .put("id", call.id())
          .put("name", call.tool())
          .set("input", call.arguments());
    }
    message.put("stop_reason", stopReason(spent)).putNull("stop_sequence");
    message.set("usage", usage(spent.promptTokens(), spent.answerTokens()));
    return message;
  }

  private ObjectNode message() {
    ObjectNode message = object();
    message.put("id", id).put("type", "message").put("role", "assistant").put("model", model);
    message.putArray("content");
    return message;
  }

  private String enter(Block wanted, ObjectNode opening) {
    if (block == wanted) {
      return "";
    }
    String before = leave();
    block = wanted;
    index++;
    ObjectNode start = event("content_block_start").put("index", index);
    start.set("content_block", opening);
    return before + write(start);
  }

  private String leave() {
    if (block == Block.NONE) {
      return "";
    }
    String signature =
        block == Block.THINKING
            ? delta(object().put("type", "signature_delta").put("signature", SIGNATURE))
            : "";
    block = Block.NONE;
    return signature + write(event("content_block_stop").put("index", index));
  }

  private String delta(ObjectNode delta) {
    ObjectNode event = event("content_block_delta").put("index", index);
    event.set("delta", delta);
    return write(event);
  }

  private static String stopReason(Spent spent) {
    return switch (spent.finish()) {
      case STOP -> "end_turn";
      case LENGTH -> "max_tokens";
      case TOOL_CALL -> "tool_use";
    };
  }

  private static ObjectNode usage(long inputTokens, long outputTokens) {
    return object().put("input_tokens", inputTokens).put("output_tokens", outputTokens);
  }

  private static ObjectNode event(String type) {
    return object().put("type", type);
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static String write(ObjectNode event) {
    return "event: " + event.path("type").stringValue() + "\ndata: " + event + "\n\n";
  }
}
