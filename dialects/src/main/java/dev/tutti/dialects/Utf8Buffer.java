package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes that grow up to a limit, and JSON written into them without a tree.
final class Utf8Buffer {
  private static final int FIRST_BYTES = 256;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NONE = {};

  private final int limitBytes;
  private byte[] bytes = NONE;
  private int size;

  /// Bytes without a limit but memory, for what is as long as something already held.
  Utf8Buffer() {
    this(Integer.MAX_VALUE - 8);
  }

  /// At most so many bytes; more is an engine's fault.
  Utf8Buffer(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  int size() {
    return size;
  }

  byte[] array() {
    return bytes;
  }

  void clear() {
    size = 0;
    if (bytes.length > 64 * 1024) {
      bytes = NONE;
    }
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  Utf8Buffer raw(byte[] from) {
    return raw(from, 0, from.length);
  }

  Utf8Buffer raw(byte[] from, int offset, int length) {
    room(length);
    System.arraycopy(from, offset, bytes, size, length);
    size += length;
    return this;
  }

  /// Text that needs no escapes, such as a piece of JSON.
  Utf8Buffer raw(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  /// A JSON string with its quotes. Half a surrogate pair becomes U+FFFD.
  Utf8Buffer json(String text) {
    room(text.length() + 2);
    bytes[size++] = '"';
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
        room(1);
        bytes[size++] = (byte) c;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        wide(Character.toCodePoint(c, text.charAt(i)));
      } else if (Character.isSurrogate(c)) {
        wide(0xFFFD);
      } else if (c >= 0x80) {
        wide(c);
      } else {
        escaped(c);
      }
    }
    room(1);
    bytes[size++] = '"';
    return this;
  }

  private void wide(int point) {
    room(4);
    if (point < 0x800) {
      bytes[size++] = (byte) (0xC0 | (point >> 6));
    } else {
      if (point < 0x10000) {
        bytes[size++] = (byte) (0xE0 | (point >> 12));
      } else {
        bytes[size++] = (byte) (0xF0 | (point >> 18));
        bytes[size++] = (byte) (0x80 | ((point >> 12) & 0x3F));
      }
      bytes[size++] = (byte) (0x80 | ((point >> 6) & 0x3F));
    }
    bytes[size++] = (byte) (0x80 | (point & 0x3F));
  }

  private void escaped(char c) {
    room(6);
    bytes[size++] = '\\';
    switch (c) {
      case '"', '\\' -> bytes[size++] = (byte) c;
      case '\n' -> bytes[size++] = 'n';
      case '\r' -> bytes[size++] = 'r';
      case '\t' -> bytes[size++] = 't';
      default -> {
        bytes[size++] = 'u';
        bytes[size++] = '0';
        bytes[size++] = '0';
        bytes[size++] = HEX[c >> 4];
        bytes[size++] = HEX[c & 0xF];
      }
    }
  }

  private void room(int more) {
    if (more > limitBytes - size) {
      throw new MeshException(
          Failure.of(
              FailureCode.ENGINE_ERROR,
              Retry.UNSAFE_MAY_HAVE_ACTED,
              "the engine's answer is too long (expected: at most " + limitBytes + " bytes)"));
    }
    if (more > bytes.length - size) {
      long doubled = Math.max((long) bytes.length * 2, FIRST_BYTES);
      bytes = Arrays.copyOf(bytes, (int) Math.min(limitBytes, Math.max(doubled, size + more)));
    }
  }
}
