package dev.tutti.dialects;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// What requests have in common that ask for the same: a hash of the model, the prompt, the tools
/// and the format, whatever is said about sampling. Any thread.
public final class Likeness {
  private Likeness() {}

  /// The hash; empty for work that is too cheap to be told apart, and for recordings, which are too
  /// large.
  public static String of(Work work) {
    return switch (work) {
      case Work.Chat chat ->
          hash("chat", chat.model(), chat.messages(), chat.tools(), chat.format());
      case Work.Completion text ->
          hash(
              "text",
              text.model(),
              List.of(text.prompt(), text.suffix(), text.system()),
              text.images(),
              text.format());
      case Work.Embedding embedding -> hash("embed", embedding.model(), embedding.inputs());
      case Work.Rerank rerank -> hash("rerank", rerank.model(), rerank.query(), rerank.documents());
      case Work.Continued(var whole, _) -> of(whole);
      case Work.TokenCount _, Work.Residency _, Work.Transcription _ -> "";
    };
  }

  /// What is asked, as text; empty for work that is no prompt.
  public static String text(Work work) {
    return switch (work) {
      case Work.Chat chat -> chat.messages().toString();
      case Work.Completion text -> text.prompt();
      case Work.Embedding embedding -> embedding.inputs().toString();
      case Work.Rerank rerank -> rerank.query();
      case Work.Continued(var whole, _) -> text(whole);
      case Work.TokenCount _, Work.Residency _, Work.Transcription _ -> "";
    };
  }

  /// The parts are records, lists and JSON, whose texts tell all there is in them.
  private static String hash(Object... parts) {
    MessageDigest digest = sha256();
    for (Object part : parts) {
      byte[] bytes = part.toString().getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
