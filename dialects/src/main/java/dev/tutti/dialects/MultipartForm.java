package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// A form with files in it, `multipart/form-data` (RFC 7578), read from memory and written to it.
final class MultipartForm {
  /// How many parts one form may have.
  static final int MAX_PARTS = 64;

  /// How long the headers of one part may be, in bytes.
  static final int MAX_HEADER_BYTES = 8 * 1024;

  /// How long the value of a field that is no file may be, in bytes.
  static final int MAX_FIELD_BYTES = 1024 * 1024;

  private static final String EXPECTED = "multipart/form-data with a boundary";

  /// RFC 2046, without the blank, which nobody uses.
  private static final Pattern BOUNDARY = Pattern.compile("[0-9A-Za-z'()+_,./:=?-]{1,70}");

  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] BLANK_LINE = {'\r', '\n', '\r', '\n'};

  private final byte[] body;
  private final byte[] delimiter;
  private final List<Part> parts = new ArrayList<>();

  /// One part.
  ///
  /// @param fileName empty where it is no file
  /// @param mediaType empty when nobody said
  /// @param content where it is in the body
  record Part(String name, Optional<String> fileName, String mediaType, Slice content) {}

  /// A stretch of a body.
  @SuppressWarnings("ArrayRecordComponent") // a view, never compared
  record Slice(byte[] bytes, int from, int to) {
    byte[] copy() {
      return Arrays.copyOfRange(bytes, from, to);
    }

    int length() {
      return to - from;
    }
  }

  private MultipartForm(byte[] body, String boundary) {
    this.body = body;
    this.delimiter = ("--" + boundary).getBytes(StandardCharsets.US_ASCII);
  }

  /// The boundary that a media type names.
  ///
  /// @throws MeshException `INVALID_REQUEST`, when it is another media type or names none
  static String boundary(String contentType) {
    int semicolon = contentType.indexOf(';');
    String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
    String boundary =
        semicolon < 0
            ? ""
            : parameters(contentType.substring(semicolon + 1)).getOrDefault("boundary", "");
    if (!type.strip().equalsIgnoreCase("multipart/form-data")
        || !BOUNDARY.matcher(boundary).matches()) {
      throw MeshException.invalid("content-type: another (expected: " + EXPECTED + ")");
    }
    return boundary;
  }

  /// The parts of a body, in order.
  ///
  /// @throws MeshException `INVALID_REQUEST`, when the body is no such form
  static List<Part> parts(byte[] body, String boundary) {
    var form = new MultipartForm(body, boundary);
    form.read();
    return form.parts;
  }

  private void read() {
    int at = find(delimiter, 0, body.length);
    if (at < 0 || (at > 0 && !isAt(CRLF, at - 2))) {
      throw broken("no part");
    }
    at += delimiter.length;
    while (!isAt("--".getBytes(StandardCharsets.US_ASCII), at)) {
      if (!isAt(CRLF, at)) {
        throw broken("no line end after a boundary");
      }
      if (parts.size() == MAX_PARTS) {
        throw broken("more than " + MAX_PARTS + " parts");
      }
      at = part(at);
    }
  }

  /// Reads one part.
  ///
  /// @param at the line end before its headers
  /// @return what follows the boundary after it
  private int part(int at) {
    int headersEnd = find(BLANK_LINE, at, Math.min(body.length, at + MAX_HEADER_BYTES));
    if (headersEnd < 0) {
      throw broken("headers of a part without an end");
    }
    int from = headersEnd + BLANK_LINE.length;
    // An empty part ends with the line end of its own headers.
    int to = find(CRLF, from - CRLF.length, body.length);
    while (to >= 0 && !isAt(delimiter, to + CRLF.length)) {
      to = find(CRLF, to + 1, body.length);
    }
    if (to < 0) {
      throw broken("a part without an end");
    }
    var content = new Slice(body, from, Math.max(from, to));
    parts.add(named(text(new Slice(body, at, headersEnd)), content));
    return to + CRLF.length + delimiter.length;
  }

  private static Part named(String headers, Slice content) {
    Map<String, String> disposition = Map.of();
    String mediaType = "";
    for (String line : headers.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      if (name.equals("content-type")) {
        mediaType = value;
      } else if (name.equals("content-disposition")
          && value.toLowerCase(Locale.ROOT).startsWith("form-data;")) {
        disposition = parameters(value.substring("form-data;".length()));
      }
    }
    String name = disposition.get("name");
    if (name == null) {
      throw broken("a part without a name");
    }
    return new Part(name, Optional.ofNullable(disposition.get("filename")), mediaType, content);
  }

  /// `a=b; c="d \" e"` as a map; a name that comes twice keeps its first value.
  private static Map<String, String> parameters(String text) {
    var parameters = new HashMap<String, String>();
    int at = 0;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (equals < 0) {
        break;
      }
      String name = text.substring(at, equals).strip().toLowerCase(Locale.ROOT);
      var value = new StringBuilder();
      at = equals + 1;
      boolean quoted = at < text.length() && text.charAt(at) == '"';
      at += quoted ? 1 : 0;
      while (at < text.length() && text.charAt(at) != (quoted ? '"' : ';')) {
        boolean escaped =
            quoted
                && text.charAt(at) == '\\'
                && at + 1 < text.length()
                && (text.charAt(at + 1) == '"' || text.charAt(at + 1) == '\\');
        at += escaped ? 1 : 0;
        value.append(text.charAt(at));
        at++;
      }
      parameters.putIfAbsent(name, quoted ? value.toString() : value.toString().strip());
      int semicolon = text.indexOf(';', at);
      at = semicolon < 0 ? text.length() : semicolon + 1;
    }
    return parameters;
  }

  /// The value of a part that is no file.
  static String value(Part part) {
    if (part.content().length() > MAX_FIELD_BYTES) {
      throw broken("a field longer than " + MAX_FIELD_BYTES + " bytes");
    }
    return text(part.content());
  }

  private static String text(Slice slice) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(slice.bytes(), slice.from(), slice.length()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MeshException(broken("text that is not UTF-8").failure(), e);
    }
  }

  private boolean isAt(byte[] wanted, int at) {
    return at >= 0
        && at + wanted.length <= body.length
        && Arrays.equals(body, at, at + wanted.length, wanted, 0, wanted.length);
  }

  private int find(byte[] wanted, int from, int limit) {
    for (int i = Math.max(0, from); i + wanted.length <= limit; i++) {
      if (body[i] == wanted[0] && isAt(wanted, i)) {
        return i;
      }
    }
    return -1;
  }

  private static MeshException broken(String what) {
    return MeshException.invalid("body: " + what + " (expected: " + EXPECTED + ")");
  }

  /// Writes the part of a field.
  static void field(Utf8Buffer to, String boundary, String name, String value) {
    head(to, boundary, name).raw("\r\n\r\n").raw(value).raw(CRLF);
  }

  /// Writes the part of a file.
  static void file(
      Utf8Buffer to, String boundary, String name, String fileName, String mediaType, byte[] file) {
    head(to, boundary, name).raw("; filename=\"" + escaped(fileName) + "\"\r\ncontent-type: ");
    to.raw(mediaType.isEmpty() ? "application/octet-stream" : mediaType).raw(BLANK_LINE);
    to.raw(file).raw(CRLF);
  }

  static byte[] end(Utf8Buffer form, String boundary) {
    return form.raw("--" + boundary + "--\r\n").toBytes();
  }

  private static Utf8Buffer head(Utf8Buffer to, String boundary, String name) {
    return to.raw(
        "--" + boundary + "\r\ncontent-disposition: form-data; name=\"" + escaped(name) + "\"");
  }

  /// As browsers write names.
  private static String escaped(String name) {
    return name.replace("\r", "%0D").replace("\n", "%0A").replace("\"", "%22");
  }
}
