package dev.tutti.dialects;

/// Cuts a stream of bytes into lines at LF, CR or CRLF, wherever the stream itself is cut.
final class LineCutter {
  /// How long one line may be, in bytes.
  static final int MAX_LINE_BYTES = 8 * 1024 * 1024;

  private final Utf8Buffer partial = new Utf8Buffer(MAX_LINE_BYTES);
  private boolean afterCr;

  /// Where lines go.
  interface Lines {
    /// A line without its end, valid during the call only.
    void line(byte[] bytes, int offset, int length);
  }

  void feed(byte[] bytes, Lines lines) {
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b != '\n' && b != '\r') {
        afterCr = false;
        continue;
      }
      if (b == '\n' && afterCr) {
        afterCr = false;
        start = i + 1;
        continue;
      }
      afterCr = b == '\r';
      emit(bytes, start, i - start, lines);
      start = i + 1;
    }
    if (start < bytes.length) {
      partial.raw(bytes, start, bytes.length - start);
    }
  }

  /// The last line, when it had no end.
  void end(Lines lines) {
    if (partial.size() > 0) {
      emit(partial.array(), 0, 0, lines);
    }
  }

  private void emit(byte[] bytes, int offset, int length, Lines lines) {
    if (partial.size() == 0) {
      if (length > MAX_LINE_BYTES) {
        partial.raw(bytes, offset, length);
      }
      lines.line(bytes, offset, length);
      return;
    }
    partial.raw(bytes, offset, length);
    byte[] whole = partial.array();
    int size = partial.size();
    partial.clear();
    lines.line(whole, 0, size);
  }
}
