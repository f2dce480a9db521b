package dev.tutti.access.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;

/// How entries become lines, and how lines are tied together.
///
/// A line is `HASH RECORD`: 64 hexadecimal digits, a space, and the record as one JSON object whose
/// fields have a fixed order. `HASH` is the SHA-256 of the hash before and the record's bytes; the
/// first one follows a hash of the public key, so that a log belongs to the key that signs it. The
/// bytes are hashed as they stand: there is no second way to write the same record.
public final class AuditChain {
  /// Hexadecimal digits of a hash.
  static final int HASH_CHARS = 64;

  private static final byte[] FIRST = "tutti audit log 1\n".getBytes(StandardCharsets.US_ASCII);

  private AuditChain() {}

  /// The hash before the first record of a log that this key signs.
  public static byte[] genesis(PublicKey key) {
    MessageDigest digest = sha256();
    digest.update(FIRST);
    return digest.digest(key.getEncoded());
  }

  /// A record's bytes.
  ///
  /// @param number 1 for the first of a log
  public static byte[] canonical(long number, Instant at, AuditEntry entry) {
    var text = new StringBuilder(256);
    text.append("{\"n\":").append(number);
    field(text, "at", at.truncatedTo(ChronoUnit.MILLIS).toString());
    field(text, "actor", entry.actor().kind().wireName());
    field(text, "name", entry.actor().name());
    field(text, "from", entry.actor().from());
    field(text, "action", entry.action().wireName());
    field(text, "target", entry.target());
    field(text, "outcome", entry.outcome().wireName());
    text.append(",\"details\":{");
    String comma = "";
    for (Map.Entry<String, String> detail : entry.details().entrySet()) {
      text.append(comma);
      quote(text, detail.getKey());
      text.append(':');
      quote(text, detail.getValue());
      comma = ",";
    }
    return text.append("}}").toString().getBytes(StandardCharsets.UTF_8);
  }

  /// The hash of a record after another.
  public static byte[] hash(byte[] before, byte[] record) {
    MessageDigest digest = sha256();
    digest.update(before);
    return digest.digest(record);
  }

  /// A whole line without its end.
  public static byte[] line(byte[] hash, byte[] record) {
    byte[] digits = HexFormat.of().formatHex(hash).getBytes(StandardCharsets.US_ASCII);
    var line = new byte[digits.length + 1 + record.length];
    System.arraycopy(digits, 0, line, 0, digits.length);
    line[digits.length] = ' ';
    System.arraycopy(record, 0, line, digits.length + 1, record.length);
    return line;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void field(StringBuilder text, String name, String value) {
    text.append(",\"").append(name).append("\":");
    quote(text, value);
  }

  private static void quote(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f || c == '\u2028' || c == '\u2029') {
        text.append(String.format("\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
