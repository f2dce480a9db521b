package dev.tutti.dialects;

import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The shape of a prompt: how long it is, about, and a hash at the end of each message that stands
/// for everything up to there. Two conversations that begin alike have equal hashes as far as they
/// do, so it can be told where the beginning is still in a cache. Any thread.
///
/// Arrays are the record's own: do not change them.
///
/// @param tokens the whole prompt's length by {@link TokenEstimate}'s measure
/// @param hashes one for each boundary
/// @param upTo tokens up to each boundary
@SuppressWarnings("ArrayRecordComponent") // read once, at each request
public record Opening(int tokens, long[] hashes, int[] upTo) {
  /// How much of a text's beginning, and of its end, is looked at, in characters: enough to tell
  /// texts apart, little enough to cost next to nothing.
  static final int LOOKED_AT_CHARS = 2_048;

  /// A prompt without messages is cut into pieces of so many characters.
  static final int PIECE_CHARS = 2_048;

  /// The most boundaries.
  static final int MAX_BOUNDARIES = 512;

  private static final long PRIME = 0x100000001B3L;
  private static final long START = 0xCBF29CE484222325L;
  private static final Opening NONE = new Opening(0, new long[0], new int[0]);

  /// The shape of the work's prompt; without boundaries where there is none that a cache could
  /// keep.
  public static Opening of(Work work) {
    return switch (work) {
      case Work.Chat chat -> of(chat);
      case Work.Completion text -> of(text);
      case Work.Continued(Work whole, String _) -> of(whole);
      case Work.Embedding embedding -> plain(chars(embedding.inputs()));
      case Work.Rerank rerank ->
          plain(
              chars(rerank.documents())
                  + (long) rerank.query().length() * rerank.documents().size());
      case Work.TokenCount count ->
          plain(TokenEstimate.BYTES_PER_TOKEN * (long) TokenEstimate.of(count.chat()));
      case Work.Transcription _, Work.Residency _ -> NONE;
    };
  }

  private static long chars(List<String> texts) {
    return texts.stream().mapToLong(String::length).sum();
  }

  private static Opening plain(long chars) {
    return new Opening(tokens(chars), new long[0], new int[0]);
  }

  private static int tokens(long chars) {
    return Math.clamp(chars / TokenEstimate.BYTES_PER_TOKEN, 0, Integer.MAX_VALUE);
  }

  private static Opening of(Work.Chat chat) {
    var drawing = new Drawing(chat.messages().size() + 1);
    long hash = START;
    for (JsonNode tool : chat.tools()) {
      hash = mix(hash, tool.path("function").path("name").asString(""));
      drawing.chars += tool.toString().length();
    }
    drawing.mark(hash, !chat.tools().isEmpty());
    for (Message message : chat.messages()) {
      hash = mix(hash, message.role().name());
      for (Message.Part part : message.parts()) {
        switch (part) {
          case Message.Part.Text(String text) -> {
            hash = mix(hash, text);
            drawing.chars += text.length();
          }
          case Message.Part.Image _, Message.Part.ImageUrl _ -> {
            hash = mix(hash, "image");
            drawing.chars += (long) TokenEstimate.IMAGE_TOKENS * TokenEstimate.BYTES_PER_TOKEN;
          }
        }
      }
      for (Message.ToolCall call : message.toolCalls()) {
        hash = mix(mix(hash, call.name()), call.arguments());
        drawing.chars += call.name().length() + call.arguments().length();
      }
      drawing.chars += (long) TokenEstimate.FRAME_TOKENS * TokenEstimate.BYTES_PER_TOKEN;
      drawing.mark(hash, true);
    }
    return drawing.done();
  }

  private static Opening of(Work.Completion text) {
    String system = text.system().orElse("");
    String prompt = text.prompt();
    int pieces = Math.min(MAX_BOUNDARIES - 1, prompt.length() / PIECE_CHARS);
    var drawing = new Drawing(pieces + 1);
    long hash = mix(START, system);
    drawing.chars = system.length();
    drawing.mark(hash, !system.isEmpty());
    for (int i = 0; i < pieces; i++) {
      hash = mix(hash, prompt.substring(i * PIECE_CHARS, (i + 1) * PIECE_CHARS));
      drawing.chars += PIECE_CHARS;
      drawing.mark(hash, true);
    }
    drawing.chars = (long) system.length() + prompt.length();
    return drawing.done();
  }

  /// Mixes a text into a hash (FNV-1a over characters): long ones by their length and ends.
  private static long mix(long before, String text) {
    int length = text.length();
    long hash = (before ^ length) * PRIME;
    int head = Math.min(length, LOOKED_AT_CHARS);
    for (int i = 0; i < head; i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    for (int i = Math.max(head, length - LOOKED_AT_CHARS); i < length; i++) {
      hash = (hash ^ text.charAt(i)) * PRIME;
    }
    return hash ^ (hash >>> 29);
  }

  /// An opening that is being put together.
  private static final class Drawing {
    private final long[] hashes;
    private final int[] upTo;
    private int size;
    long chars;

    Drawing(int room) {
      int most = Math.min(room, MAX_BOUNDARIES);
      hashes = new long[most];
      upTo = new int[most];
    }

    void mark(long hash, boolean counts) {
      if (counts && size < hashes.length) {
        hashes[size] = hash;
        upTo[size] = tokens(chars);
        size++;
      }
    }

    Opening done() {
      return new Opening(
          Math.max(1, tokens(chars)), Arrays.copyOf(hashes, size), Arrays.copyOf(upTo, size));
    }
  }
}
