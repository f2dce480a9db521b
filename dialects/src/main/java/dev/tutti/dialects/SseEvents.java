package dev.tutti.dialects;

import java.nio.charset.StandardCharsets;

/// Reads server-sent events: comments, CRLF, `data:` with or without a space, data over several
/// lines, a missing last blank line. Bytes that cannot be events are refused.
final class SseEvents {
  /// How long the data of one event may be, in bytes.
  static final int MAX_EVENT_BYTES = LineCutter.MAX_LINE_BYTES;

  private static final int MAX_FIELD_NAME_BYTES = 32;
  private static final byte[] LINE_FEED = {'\n'};

  private final LineCutter lines = new LineCutter();
  private final Utf8Buffer data = new Utf8Buffer(MAX_EVENT_BYTES);
  private final Events events;
  private String type = "";
  private boolean dataSeen;
  private boolean first = true;

  /// Where events go.
  interface Events {
    /// One event.
    ///
    /// @param type its `event` field, empty when there is none
    /// @param bytes the data, valid during the call only
    void event(String type, byte[] bytes, int length);
  }

  SseEvents(Events events) {
    this.events = events;
  }

  void feed(byte[] bytes) {
    lines.feed(bytes, this::line);
  }

  void end() {
    lines.end(this::line);
    dispatch();
  }

  private void line(byte[] bytes, int offset, int length) {
    int from = offset;
    int end = offset + length;
    if (first) {
      first = false;
      if (length >= 3
          && bytes[from] == (byte) 0xEF
          && bytes[from + 1] == (byte) 0xBB
          && bytes[from + 2] == (byte) 0xBF) {
        from += 3;
      }
    }
    if (from == end) {
      dispatch();
      return;
    }
    int colon = from;
    while (colon < end && bytes[colon] != ':') {
      if (!isNameByte(bytes[colon]) || colon - from >= MAX_FIELD_NAME_BYTES) {
        throw EngineErrors.garbage();
      }
      colon++;
    }
    if (colon == from) {
      return; // a comment
    }
    int value = Math.min(colon + 1, end);
    if (value < end && bytes[value] == ' ') {
      value++;
    }
    field(new String(bytes, from, colon - from, StandardCharsets.US_ASCII), bytes, value, end);
  }

  private static boolean isNameByte(byte b) {
    return (b >= 'a' && b <= 'z') || b == '-' || b == '_';
  }

  private void field(String name, byte[] bytes, int from, int end) {
    switch (name) {
      case "data" -> {
        if (dataSeen) {
          data.raw(LINE_FEED);
        }
        dataSeen = true;
        data.raw(bytes, from, end - from);
      }
      case "event" -> type = new String(bytes, from, end - from, StandardCharsets.UTF_8);
      case "error" -> {
        // How older llama-servers tell of an error in the middle of a stream.
        type = "error";
        dataSeen = true;
        data.raw(bytes, from, end - from);
      }
      default -> {
        // `id`, `retry` and fields nobody knows mean nothing here
      }
    }
  }

  private void dispatch() {
    String eventType = type;
    type = "";
    if (!dataSeen) {
      return;
    }
    dataSeen = false;
    int size = data.size();
    byte[] bytes = data.array();
    try {
      events.event(eventType, bytes, size);
    } finally {
      data.clear();
    }
  }
}
