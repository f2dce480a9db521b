package dev.tutti.link.agent;

import com.google.protobuf.ByteString;
import dev.tutti.link.trust.Chain;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Pin;
import java.io.ByteArrayInputStream;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Takes what a hub answered to a request for a certificate: only what was asked for, only from the
/// roots that the answer names.
final class Certificates {
  /// As many as two roots in a rotation, and room.
  private static final int MAX_PINS = 4;

  private Certificates() {}

  /// The badge of an answer.
  ///
  /// @param key for which the request was
  /// @param shown leaf, intermediate, root, as DER
  /// @throws CertificateException when it is not what was asked for
  static Badge badge(KeyPair key, List<ByteString> shown, List<String> pins, Instant now)
      throws CertificateException {
    if (pins.isEmpty() || pins.size() > MAX_PINS) {
      throw new CertificateException("pins: " + pins.size() + " (expected: 1 to " + MAX_PINS + ")");
    }
    Set<Pin> believed = new LinkedHashSet<>();
    try {
      pins.forEach(pin -> believed.add(new Pin(pin)));
    } catch (IllegalArgumentException wrong) {
      throw new CertificateException(wrong.getMessage(), wrong);
    }
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> chain = new ArrayList<>();
    for (ByteString der : shown) {
      if (factory.generateCertificate(new ByteArrayInputStream(der.toByteArray()))
          instanceof X509Certificate certificate) {
        chain.add(certificate);
      }
    }
    Chain.check(chain, Chain.Purpose.NODE, believed::contains, now);
    if (!chain.getFirst().getPublicKey().equals(key.getPublic())) {
      throw new CertificateException("certificate: for another key (expected: the one asked for)");
    }
    return new Badge(new KeyMaterial(key.getPrivate(), chain), believed);
  }
}
