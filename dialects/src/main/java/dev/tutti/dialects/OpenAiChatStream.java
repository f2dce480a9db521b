package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.dialects.ClientRequest.AnswerSketch;

/// Writes a chat as OpenAI's stream of chunks.
final class OpenAiChatStream implements AnswerWriter {
  private static final byte[] NOTHING = {};

  private final OpenAiFrames frames;
  private final String callIdStem;
  private boolean roleWritten;

  OpenAiChatStream(AnswerSketch sketch, AnswerContext context) {
    frames = new OpenAiFrames(sketch, context, "chatcmpl-", "chat.completion.chunk");
    callIdStem = OpenAiBodies.callIdStem(context);
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
    return switch (delta) {
      case Delta.Content(var text) ->
          chunk(begin("").raw("\"content\":").json(text).raw("}"), "null");
      case Delta.Reasoning(var text) ->
          chunk(begin("").raw("\"reasoning_content\":").json(text).raw("}"), "null");
      case Delta.ToolCall call -> toolCall(call);
      case Delta.Logprobs(var entries) ->
          chunk(
              begin("")
                  .raw("\"content\":\"\"},\"logprobs\":")
                  .raw(Json.bytes(OpenAiBodies.chatLogprobs(entries))),
              "null");
      case Delta.Finish(var reason, _) ->
          frames.finish()
              ? chunk(last(), "\"" + OpenAiBodies.finishReason(reason) + "\"")
              : NOTHING;
      case Delta.Usage usage -> {
        frames.usage(usage);
        yield NOTHING;
      }
      case Delta.Seal _ -> NOTHING;
      case Delta.Vectors _,
          Delta.Resident _,
          Delta.Counted _,
          Delta.Ranking _,
          Delta.Transcript _ ->
          throw new IllegalStateException("delta: " + delta + " (expected: one of a chat)");
    };
  }

  /// A frame up to the fields of its delta; the first one carries the role.
  ///
  /// @param content what stands beside the role where the delta has no content of its own
  private Utf8Buffer begin(String content) {
    Utf8Buffer frame = frames.begin().raw("[{\"index\":0,\"delta\":{");
    if (!roleWritten) {
      roleWritten = true;
      frame.raw("\"role\":\"assistant\",").raw(content);
    }
    return frame;
  }

  private Utf8Buffer last() {
    return roleWritten
        ? frames.begin().raw("[{\"index\":0,\"delta\":{}")
        : begin("").raw("\"content\":\"\"}");
  }

  private byte[] chunk(Utf8Buffer frame, String finishReason) {
    return frames.close(frame.raw(",\"finish_reason\":" + finishReason + "}]"));
  }

  private byte[] toolCall(Delta.ToolCall call) {
    Utf8Buffer frame = begin("\"content\":null,").raw("\"tool_calls\":[{\"index\":" + call.index());
    if (!call.name().isEmpty()) {
      String id = call.id().isEmpty() ? callIdStem + call.index() : call.id();
      frame.raw(",\"id\":").json(id).raw(",\"type\":\"function\",\"function\":{\"name\":");
      frame.json(call.name()).raw(",\"arguments\":");
    } else {
      frame.raw(",\"function\":{\"arguments\":");
    }
    return chunk(frame.json(call.arguments()).raw("}}]}"), "null");
  }

  @Override
  public byte[] end() {
    return frames.end();
  }

  @Override
  public byte[] error(Failure failure) {
    return OpenAiFrames.error(failure);
  }

  @Override
  public byte[] keepAlive() {
    return OpenAiFrames.keepAlive();
  }

  @Override
  public void restart() {
    frames.restart();
    roleWritten = false;
  }
}
