package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.ObjectNode;

/// The one JSON reader for bytes of strangers: strict UTF-8, no duplicate keys, nothing after the
/// value, and bounded in depth, in the length of texts, names and numbers, and in tokens. How long
/// a whole document may be is the caller's affair.
public final class Json {
  /// How deep arrays and objects may nest.
  public static final int MAX_DEPTH = 500;

  /// How long one text may be, in characters: an image in base64 fits.
  public static final int MAX_STRING_CHARS = 100 * 1024 * 1024;

  /// How long one number may be, in characters.
  public static final int MAX_NUMBER_CHARS = 1000;

  /// How long one name may be, in characters.
  public static final int MAX_NAME_CHARS = 10_000;

  /// How many tokens one document may hold: each costs far more memory than its bytes.
  public static final int MAX_TOKENS = 2_000_000;

  private static final int DECODED_CHARS = 8192;

  private static final JsonMapper MAPPER = mapper(MAX_TOKENS);

  /// Without a limit of tokens, for readers that build no tree.
  private static final JsonMapper STREAMING = mapper(Long.MAX_VALUE);

  private Json() {}

  private static JsonMapper mapper(long maxTokens) {
    var constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxStringLength(MAX_STRING_CHARS)
            .maxNumberLength(MAX_NUMBER_CHARS)
            .maxNameLength(MAX_NAME_CHARS)
            .maxTokenCount(maxTokens)
            .build();
    var factory =
        JsonFactory.builder()
            .streamReadConstraints(constraints)
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  /// Reads one JSON value.
  ///
  /// @throws MeshException `INVALID_REQUEST`; the message never quotes the body
  public static JsonNode read(byte[] body) {
    if (!isUtf8Text(body)) {
      throw MeshException.invalid("body: not UTF-8 (expected: JSON in UTF-8)");
    }
    try {
      JsonNode node = MAPPER.readTree(body);
      if (node.isMissingNode()) {
        throw MeshException.invalid("body: empty (expected: a JSON object)");
      }
      return node;
    } catch (StreamConstraintsException e) {
      throw invalid(
          "body: JSON beyond the limits" + place(e),
          "at most "
              + MAX_DEPTH
              + " levels, "
              + MAX_TOKENS
              + " tokens, numbers of "
              + MAX_NUMBER_CHARS
              + " characters",
          e);
    } catch (JacksonException e) {
      throw invalid("body: malformed JSON" + place(e), "one JSON object, no key twice", e);
    }
  }

  private static MeshException invalid(String what, String expected, JacksonException cause) {
    var failure = MeshException.invalid(what + " (expected: " + expected + ")").failure();
    return new MeshException(failure, cause);
  }

  private static String place(JacksonException e) {
    var location = e.getLocation();
    return location == null || location.getLineNr() < 1
        ? ""
        : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  /// A parser over a slice of bytes, under the same limits but for the number of tokens, which only
  /// matters to trees. Does not look for what follows the value.
  static JsonParser parser(byte[] bytes, int offset, int length) {
    return STREAMING.createParser(bytes, offset, length);
  }

  /// The value as compact UTF-8.
  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  /// The value as compact text.
  static String text(JsonNode node) {
    return MAPPER.writeValueAsString(node);
  }

  /// A boolean as a value.
  static JsonNode bool(boolean value) {
    return BooleanNode.valueOf(value);
  }

  /// A new, empty object.
  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /// Jackson itself lets some malformed sequences pass, and guesses UTF-16 and UTF-32 from zeros.
  private static boolean isUtf8Text(byte[] body) {
    for (int i = 0; i < Math.min(4, body.length); i++) {
      if (body[i] == 0) {
        return false;
      }
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(body);
    CharBuffer out = CharBuffer.allocate(DECODED_CHARS);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) {
        return false;
      }
      if (result.isUnderflow()) {
        return true;
      }
      out.clear();
    }
  }
}
