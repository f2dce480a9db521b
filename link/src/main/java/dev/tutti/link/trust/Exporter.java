package dev.tutti.link.trust;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLSession;

/// A secret that the two ends of a TLS connection share with nobody else, not even with whoever
/// relays it (RFC 8446 §7.5).
public final class Exporter {
  private static final String LABEL = "EXPORTER-tutti-enrolment";
  private static final int BYTES = 32;

  private Exporter() {}

  /// The secret of a connection whose handshake is done.
  ///
  /// @throws IllegalStateException when the connection has none
  public static byte[] of(SSLSession session) {
    if (!(session instanceof ExtendedSSLSession extended)) {
      throw new IllegalStateException("TLS: no exporter (expected: the JDK's)");
    }
    try {
      return extended.exportKeyingMaterialData(LABEL, new byte[0], BYTES);
    } catch (SSLKeyException broken) {
      throw new IllegalStateException("TLS: no exporter (expected: TLS 1.3)", broken);
    }
  }
}
