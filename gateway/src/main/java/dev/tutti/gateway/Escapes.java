package dev.tutti.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Percent escapes in paths, and the fields of queries and forms
/// (`application/x-www-form-urlencoded` in the WHATWG's URL standard, but that what cannot be read
/// is refused and not guessed at).
final class Escapes {
  private static final int HEX = 16;

  private Escapes() {}

  /// The first field of that name: `name=value`, `&` between fields, `+` for a blank.
  ///
  /// @param what names the text in messages
  /// @throws dev.tutti.core.MeshException `INVALID_REQUEST` when its escapes are malformed
  static Optional<String> field(String what, String text, String name) {
    for (String field : text.split("&", -1)) {
      if (field.startsWith(name) && field.startsWith("=", name.length())) {
        return Optional.of(decode(what, field.substring(name.length() + 1).replace('+', ' ')));
      }
    }
    return Optional.empty();
  }

  /// Percent escapes as UTF-8; a plus is a plus.
  ///
  /// @param what names the text in messages
  /// @throws dev.tutti.core.MeshException `INVALID_REQUEST` when they are malformed
  static String decode(String what, String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes.put(raw[i]);
        continue;
      }
      int high = i + 2 < raw.length ? Character.digit(raw[i + 1], HEX) : -1;
      int low = i + 2 < raw.length ? Character.digit(raw[i + 2], HEX) : -1;
      if (high < 0 || low < 0) {
        throw Refusals.invalid(
            what + ": malformed percent escape (expected: % and two hex digits)");
      }
      bytes.put((byte) (high * HEX + low));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException _) {
      throw Refusals.invalid(what + ": escapes that are no UTF-8 (expected: UTF-8)");
    }
  }
}
