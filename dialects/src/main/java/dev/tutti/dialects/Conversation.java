package dev.tutti.dialects;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Recognises a conversation whose client gives it no name, so that its next request can go where
/// its beginning is still in a cache. Any thread.
public final class Conversation {
  /// How much of a text's beginning, and of its end, is looked at, in characters: enough to tell
  /// conversations apart, little enough to cost next to nothing.
  static final int LOOKED_AT_CHARS = 2_048;

  /// Bytes of the digest that are kept: a clash only sends two conversations to one place.
  private static final int KEPT_BYTES = 12;

  private Conversation() {}

  /// A name made of what stays the same through a conversation: the model, what the system and the
  /// developer say before anybody else does, and the first that the user says. Empty for work that
  /// is no conversation, and for one in which nobody has said anything yet.
  public static String nameOf(Work work) {
    if (!(work instanceof Work.Chat chat)) {
      return "";
    }
    MessageDigest digest = sha256();
    add(digest, "model", chat.model());
    for (Message message : chat.messages()) {
      switch (message.role()) {
        case SYSTEM, DEVELOPER -> add(digest, "system", message.text());
        case USER, ASSISTANT, TOOL -> {
          add(digest, "first", message.text());
          return "c-" + HexFormat.of().formatHex(digest.digest(), 0, KEPT_BYTES);
        }
      }
    }
    return "";
  }

  /// The length keeps texts apart that differ in their middle only.
  private static void add(MessageDigest digest, String what, String text) {
    int length = text.length();
    String seen =
        length <= 2 * LOOKED_AT_CHARS
            ? text
            : text.substring(0, LOOKED_AT_CHARS) + text.substring(length - LOOKED_AT_CHARS);
    digest.update((what + length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(seen.getBytes(StandardCharsets.UTF_8));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
