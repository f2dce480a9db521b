package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes a chat or a generation as Ollama's lines of JSON. Fragments of tool calls are held back
/// until they are whole: the dialect has their arguments as objects.
final class OllamaStream implements AnswerWriter {
  private static final byte[] NOTHING = {};

  private final AnswerSketch sketch;
  private final AnswerContext context;
  private final boolean chat;
  private final byte[] head;
  private final Gathered held = new Gathered();
  private Delta.@Nullable Reason finish;

  OllamaStream(AnswerSketch sketch, AnswerContext context) {
    this.sketch = sketch;
    this.context = context;
    chat = sketch.endpoint() == Endpoint.OLLAMA_CHAT;
    head =
        new Utf8Buffer().raw("{\"model\":").json(sketch.model()).raw(",\"created_at\":").toBytes();
  }

  @Override
  public String contentType() {
    return "application/x-ndjson";
  }

  @Override
  public boolean streams() {
    return true;
  }

  @Override
  public byte[] delta(Delta delta) {
    return switch (delta) {
      case Delta.Content(var text) -> line(text, "", List.of());
      case Delta.Reasoning(var text) -> line("", text, List.of());
      case Delta.Logprobs(var entries) -> line("", "", entries);
      case Delta.ToolCall _, Delta.Usage _ -> {
        held.add(delta);
        yield NOTHING;
      }
      case Delta.Finish(var reason, _) -> finish(reason);
      case Delta.Seal _ -> NOTHING;
      case Delta.Vectors _,
          Delta.Resident _,
          Delta.Counted _,
          Delta.Ranking _,
          Delta.Transcript _ ->
          throw new IllegalStateException("delta: " + delta + " (expected: one of a chat)");
    };
  }

  private Utf8Buffer begin() {
    return new Utf8Buffer().raw(head).json(context.now().get());
  }

  private byte[] line(String text, String thinking, List<JsonNode> logprobs) {
    Utf8Buffer line = begin();
    line.raw(chat ? ",\"message\":{\"role\":\"assistant\",\"content\":" : ",\"response\":");
    line.json(text);
    if (!thinking.isEmpty()) {
      line.raw(",\"thinking\":").json(thinking);
    }
    line.raw(chat ? "},\"done\":false" : ",\"done\":false");
    if (!logprobs.isEmpty()) {
      ObjectNode node = Json.object();
      line.raw(",\"logprobs\":").raw(Json.bytes(node.putArray("logprobs").addAll(logprobs)));
    }
    return line.raw("}\n").toBytes();
  }

  private byte[] finish(Delta.Reason reason) {
    if (finish != null) {
      return NOTHING;
    }
    finish = reason;
    if (!held.hasToolCalls()) {
      return NOTHING;
    }
    return begin()
        .raw(
            chat
                ? ",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":"
                : ",\"response\":\"\",\"tool_calls\":")
        .raw(Json.bytes(OllamaBodies.toolCalls(held, context)))
        .raw(chat ? "},\"done\":false}\n" : ",\"done\":false}\n")
        .toBytes();
  }

  @Override
  public byte[] end() {
    if (finish != null) {
      held.add(new Delta.Finish(finish));
    }
    ObjectNode body =
        Json.object().put("model", sketch.model()).put("created_at", context.now().get());
    if (chat) {
      body.putObject("message").put("role", "assistant").put("content", "");
    } else {
      body.put("response", "");
    }
    body.put("done", true).put("done_reason", OllamaBodies.doneReason(held.finish()));
    OllamaBodies.cost(body, held.usage());
    return new Utf8Buffer().raw(Json.bytes(body)).raw("\n").toBytes();
  }

  @Override
  public byte[] error(Failure failure) {
    return new Utf8Buffer().raw(ErrorBodies.of(Dialect.OLLAMA, failure).body()).raw("\n").toBytes();
  }

  /// A blank before the next line: an empty line breaks clients that take each line for an object.
  @Override
  public byte[] keepAlive() {
    return new byte[] {' '};
  }

  @Override
  public void restart() {
    held.clear();
    finish = null;
  }
}
