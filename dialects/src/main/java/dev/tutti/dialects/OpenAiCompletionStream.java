package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.dialects.ClientRequest.AnswerSketch;

/// Writes a continued text as OpenAI's stream of `text_completion` objects. Reasoning has no place
/// in them: an engine that thinks here is heard from its first word of the answer on.
final class OpenAiCompletionStream implements AnswerWriter {
  private static final byte[] NOTHING = {};
  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  private final OpenAiFrames frames;
  private int lastLength;
  private int length;

  OpenAiCompletionStream(AnswerSketch sketch, AnswerContext context) {
    frames = new OpenAiFrames(sketch, context, "cmpl-", "text_completion");
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
      case Delta.Content(var text) -> {
        lastLength = length;
        length += text.length();
        yield chunk(text, NULL, "null");
      }
      case Delta.Logprobs(var entries) ->
          chunk("", Json.bytes(OpenAiLogprobs.legacy(entries, lastLength)), "null");
      case Delta.Finish(var reason, _) ->
          frames.finish()
              ? chunk("", NULL, "\"" + OpenAiBodies.completionFinishReason(reason) + "\"")
              : NOTHING;
      case Delta.Usage usage -> {
        frames.usage(usage);
        yield NOTHING;
      }
      case Delta.Reasoning _, Delta.ToolCall _ -> NOTHING;
      case Delta.Seal _ -> NOTHING;
      case Delta.Vectors _,
          Delta.Resident _,
          Delta.Counted _,
          Delta.Ranking _,
          Delta.Transcript _ ->
          throw new IllegalStateException("delta: " + delta + " (expected: one of a text)");
    };
  }

  private byte[] chunk(String text, byte[] logprobs, String finishReason) {
    Utf8Buffer frame = frames.begin().raw("[{\"text\":").json(text);
    frame.raw(",\"index\":0,\"logprobs\":").raw(logprobs);
    return frames.close(frame.raw(",\"finish_reason\":" + finishReason + "}]"));
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
    lastLength = 0;
    length = 0;
  }
}
