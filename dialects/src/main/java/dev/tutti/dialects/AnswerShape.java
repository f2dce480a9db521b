package dev.tutti.dialects;

/// How an engine answers, told by its first bytes: some send an object where events were asked for,
/// their errors above all.
enum AnswerShape {
  /// Only blanks so far, which mean nothing in either shape.
  UNKNOWN,
  /// Server-sent events.
  EVENTS,
  /// One JSON object.
  WHOLE;

  /// How long an answer in one piece may be, in bytes.
  static final int MAX_WHOLE_BYTES = 64 * 1024 * 1024;

  private static final byte BYTE_ORDER_MARK = (byte) 0xEF;

  static AnswerShape of(byte[] bytes) {
    for (byte b : bytes) {
      if (b == '{') {
        return WHOLE;
      }
      if ((b >= 'a' && b <= 'z') || b == ':' || b == BYTE_ORDER_MARK) {
        return EVENTS;
      }
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        throw EngineErrors.garbage(); // a proxy's page, mostly
      }
    }
    return UNKNOWN;
  }
}
