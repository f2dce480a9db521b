package dev.tutti.gateway;

import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/// The encodings in which a request's body may come.
enum BodyEncoding {
  /// RFC 1952; also under its old name `x-gzip`.
  GZIP,
  /// RFC 1950.
  DEFLATE,
  /// RFC 8878. Frames that need a window of more than 8 MiB are refused by the decoder, as RFC 9659
  /// asks.
  ZSTD;

  /// What is understood, for people and for `accept-encoding`.
  static final String NAMES = "gzip, deflate, zstd";

  /// The encoding of that name; empty for any other and for more than one.
  static Optional<BodyEncoding> of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "gzip", "x-gzip" -> Optional.of(GZIP);
      case "deflate" -> Optional.of(DEFLATE);
      case "zstd" -> Optional.of(ZSTD);
      default -> Optional.empty();
    };
  }

  /// What the encoded bytes say.
  InputStream decoded(InputStream encoded) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPInputStream(encoded);
      case DEFLATE -> new InflaterInputStream(encoded);
      case ZSTD -> new ZstdInputStream(encoded);
    };
  }
}
