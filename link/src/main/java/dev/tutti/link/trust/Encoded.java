package dev.tutti.link.trust;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;

/// Certificates and keys as texts without blanks, for files: base64url of their DER.
public final class Encoded {
  private Encoded() {}

  /// A certificate as text.
  public static String text(X509Certificate certificate) {
    try {
      return Hashes.text(certificate.getEncoded());
    } catch (CertificateEncodingException impossible) {
      throw new IllegalArgumentException("certificate: no bytes (expected: DER)", impossible);
    }
  }

  /// A key as text (PKCS #8): secret.
  public static String text(PrivateKey key) {
    return Hashes.text(key.getEncoded());
  }

  /// Reads a certificate.
  ///
  /// @throws IllegalArgumentException when it is none
  public static X509Certificate certificate(String text) {
    try {
      if (CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(Hashes.bytes(text)))
          instanceof X509Certificate certificate) {
        return certificate;
      }
      throw new IllegalArgumentException("certificate: of another kind (expected: X.509)");
    } catch (CertificateException broken) {
      throw new IllegalArgumentException("certificate: not readable (expected: X.509)", broken);
    }
  }

  /// Reads a key.
  ///
  /// @throws IllegalArgumentException when it is none; the message says nothing of it
  public static PrivateKey key(String text) {
    try {
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(Hashes.bytes(text)));
    } catch (GeneralSecurityException broken) {
      throw new IllegalArgumentException("key: not readable (expected: PKCS #8, P-256)", broken);
    }
  }
}
