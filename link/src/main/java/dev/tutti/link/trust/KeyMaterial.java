package dev.tutti.link.trust;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// A private key and the certificates that speak for it: leaf, intermediate, root.
///
/// @param key secret
public record KeyMaterial(PrivateKey key, List<X509Certificate> chain) {
  /// Copies the list and checks that it is not empty.
  public KeyMaterial {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("certificates: none (expected: leaf, intermediate, root)");
    }
  }

  /// Its own certificate.
  public X509Certificate leaf() {
    return chain.getFirst();
  }

  /// From when it is valid.
  public Instant notBefore() {
    return leaf().getNotBefore().toInstant();
  }

  /// Until when it is valid.
  public Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }

  @Override
  public String toString() {
    return "KeyMaterial[serial=" + leaf().getSerialNumber().toString(16) + "]";
  }
}
