package dev.tutti.dialects;

import java.util.Arrays;

/// How an engine answers, told by its first bytes: some send an object where events were asked for,
/// their errors above all.
enum AnswerShape {
  /// Nothing but blanks so far.
  UNKNOWN,
  /// Server-sent events.
  EVENTS,
  /// One JSON object.
  WHOLE;

  /// How long an answer in one piece may be, in bytes.
  static final int MAX_WHOLE_BYTES = 64 * 1024 * 1024;

  private static final byte BYTE_ORDER_MARK = (byte) 0xEF;

  /// Blanks before an answer mean nothing in either shape.
  static byte[] withoutBlanks(byte[] bytes) {
    int from = 0;
    while (from < bytes.length && isBlank(bytes[from])) {
      from++;
    }
    return from == 0 ? bytes : Arrays.copyOfRange(bytes, from, bytes.length);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }

  static AnswerShape of(byte first) {
    if (first == '{') {
      return WHOLE;
    }
    if ((first >= 'a' && first <= 'z') || first == ':' || first == BYTE_ORDER_MARK) {
      return EVENTS;
    }
    throw EngineErrors.garbage(); // a proxy's page, mostly
  }
}
