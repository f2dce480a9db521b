package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Writes a message as Anthropic's stream of events. Its content is a row of blocks, of which one
/// is open at a time; the end is told in two events, and no other marker follows.
///
/// Source: Anthropic's reference, "Streaming Messages".
final class AnthropicStream implements AnswerWriter {
  private static final byte[] NOTHING = {};
  private static final byte[] PING =
      "event: ping\ndata: {\"type\":\"ping\"}\n\n".getBytes(StandardCharsets.UTF_8);
  private static final Delta.Usage UNKNOWN = new Delta.Usage(0, 0, 0, 0, 0, 0);

  private final AnswerSketch sketch;
  private final AnswerContext context;
  private final Set<Integer> toolsBegun = new HashSet<>();
  private Block open = Block.NONE;
  private int index;
  private int openTool;
  private boolean begun;
  private Delta.@Nullable Finish finish;
  private Delta.Usage usage = UNKNOWN;

  /// What the open block holds.
  private enum Block {
    NONE,
    TEXT,
    THINKING,
    TOOL
  }

  AnthropicStream(AnswerSketch sketch, AnswerContext context) {
    this.sketch = sketch;
    this.context = context;
  }

  @Override
  public String contentType() {
    return OpenAiFrames.CONTENT_TYPE;
  }

  @Override
  public boolean streams() {
    return true;
  }

  @Override
  public byte[] delta(Delta delta) {
    var out = new Utf8Buffer();
    switch (delta) {
      case Delta.Content(var text) -> text(out, text);
      case Delta.Reasoning(var text) -> thinking(out, text);
      case Delta.Seal(var signature) -> seal(out, signature);
      case Delta.ToolCall call -> toolCall(out, call);
      case Delta.Finish said -> finish(out, said);
      case Delta.Usage said -> usage = said;
      case Delta.Logprobs _ -> {
        // this dialect has no place for them, and nobody can ask for them in it
      }
      case Delta.Vectors _,
          Delta.Resident _,
          Delta.Counted _,
          Delta.Ranking _,
          Delta.Transcript _ ->
          throw new IllegalStateException("delta: " + delta + " (expected: one of a chat)");
    }
    return out.size() == 0 ? NOTHING : out.toBytes();
  }

  private void text(Utf8Buffer out, String text) {
    if (text.isEmpty()) {
      return;
    }
    if (open != Block.TEXT) {
      // The empty text is what clients' libraries add to.
      enter(out, Block.TEXT, "\"type\":\"text\",\"text\":\"\"");
    }
    beginDelta(out).raw("\"text_delta\",\"text\":").json(text).raw("}}\n\n");
  }

  private void thinking(Utf8Buffer out, String text) {
    if (text.isEmpty()) {
      return;
    }
    if (open != Block.THINKING) {
      enter(out, Block.THINKING, "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"");
    }
    beginDelta(out).raw("\"thinking_delta\",\"thinking\":").json(text).raw("}}\n\n");
  }

  /// A seal without thoughts before it seals nothing.
  private void seal(Utf8Buffer out, String signature) {
    if (open == Block.THINKING) {
      beginDelta(out).raw("\"signature_delta\",\"signature\":").json(signature).raw("}}\n\n");
    }
  }

  private void toolCall(Utf8Buffer out, Delta.ToolCall call) {
    boolean first = toolsBegun.add(call.index());
    if (first) {
      String id =
          call.id().isEmpty() ? AnthropicBodies.toolIdStem(context) + call.index() : call.id();
      enter(
          out,
          Block.TOOL,
          new Utf8Buffer()
              .raw("\"type\":\"tool_use\",\"id\":")
              .json(id)
              .raw(",\"name\":")
              .json(call.name())
              .raw(",\"input\":{}"));
      openTool = call.index();
    }
    if (call.arguments().isEmpty()) {
      return;
    }
    if (open != Block.TOOL || openTool != call.index()) {
      // A closed block cannot be opened again, and half a call must not look like a whole one.
      throw EngineErrors.inAnswer("the arguments of several tool calls came mixed");
    }
    beginDelta(out)
        .raw("\"input_json_delta\",\"partial_json\":")
        .json(call.arguments())
        .raw("}}\n\n");
  }

  private void finish(Utf8Buffer out, Delta.Finish said) {
    if (finish != null) {
      return;
    }
    finish = said;
    begin(out);
    leave(out);
  }

  private void enter(Utf8Buffer out, Block block, String content) {
    enter(out, block, new Utf8Buffer().raw(content));
  }

  private void enter(Utf8Buffer out, Block block, Utf8Buffer content) {
    begin(out);
    leave(out);
    open = block;
    out.raw(
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":"
                + index)
        .raw(",\"content_block\":{")
        .raw(content.array(), 0, content.size())
        .raw("}}\n\n");
  }

  private void leave(Utf8Buffer out) {
    if (open == Block.NONE) {
      return;
    }
    open = Block.NONE;
    out.raw("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":" + index)
        .raw("}\n\n");
    index++;
  }

  /// A delta of the open block up to and including `"type":`.
  private Utf8Buffer beginDelta(Utf8Buffer out) {
    return out.raw("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        .raw(index + ",\"delta\":{\"type\":");
  }

  /// The first event. The protocol wants its numbers now, and clients fail without them; engines
  /// tell theirs at the end, so they are 0 here unless known, and right in `message_delta`.
  private void begin(Utf8Buffer out) {
    if (begun) {
      return;
    }
    begun = true;
    ObjectNode event = Json.object().put("type", "message_start");
    ObjectNode message = AnthropicBodies.begin(sketch, context);
    message.putArray("content");
    message.putNull("stop_reason").putNull("stop_sequence");
    AnthropicBodies.usage(message, usage);
    event.set("message", message);
    event(out, event);
  }

  private static void event(Utf8Buffer out, ObjectNode event) {
    out.raw("event: " + event.path("type").stringValue() + "\ndata: ")
        .raw(Json.bytes(event))
        .raw("\n\n");
  }

  @Override
  public byte[] end() {
    if (finish == null) {
      throw new MeshException(EngineErrors.brokenStream());
    }
    ObjectNode last = Json.object().put("type", "message_delta");
    AnthropicBodies.stop(last.putObject("delta"), finish.reason(), finish.stopText());
    AnthropicBodies.usage(last, usage);
    var out = new Utf8Buffer();
    event(out, last);
    event(out, Json.object().put("type", "message_stop"));
    return out.toBytes();
  }

  @Override
  public byte[] error(Failure failure) {
    var out = new Utf8Buffer();
    event(out, ErrorBodies.anthropicInStream(failure));
    return out.toBytes();
  }

  /// The dialect's own sign of life; its clients know no comments for sure, and no other event.
  @Override
  public byte[] keepAlive() {
    return PING.clone();
  }

  @Override
  public void restart() {
    toolsBegun.clear();
    open = Block.NONE;
    index = 0;
    begun = false;
    finish = null;
    usage = UNKNOWN;
  }
}
