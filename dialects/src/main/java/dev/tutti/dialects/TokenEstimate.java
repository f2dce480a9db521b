package dev.tutti.dialects;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// How many tokens a prompt has, about: for when no engine can say. The formula is in
/// `docs/api.md`; it is not the count of any model.
public final class TokenEstimate {
  /// Bytes of UTF-8 that make one token: about four letters of English, more than one sign of
  /// Chinese.
  static final int BYTES_PER_TOKEN = 4;

  /// What a template writes around each message and each tool, in tokens.
  static final int FRAME_TOKENS = 4;

  /// What a picture counts for, in tokens.
  static final int IMAGE_TOKENS = 1_000;

  private TokenEstimate() {}

  /// The estimate, at least 1.
  public static int of(Work.Chat chat) {
    long bytes = 0;
    long tokens = 0;
    for (Message message : chat.messages()) {
      tokens += FRAME_TOKENS;
      bytes += message.reasoning().map(TokenEstimate::bytes).orElse(0L);
      for (Message.Part part : message.parts()) {
        switch (part) {
          case Message.Part.Text(var text) -> bytes += bytes(text);
          case Message.Part.Image _, Message.Part.ImageUrl _ -> tokens += IMAGE_TOKENS;
        }
      }
      for (Message.ToolCall call : message.toolCalls()) {
        bytes += bytes(call.name()) + bytes(call.arguments());
      }
    }
    for (JsonNode tool : chat.tools()) {
      tokens += FRAME_TOKENS;
      bytes += Json.bytes(tool.path("function")).length;
    }
    tokens += (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    return Math.clamp(tokens, 1, Integer.MAX_VALUE);
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
