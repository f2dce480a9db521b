package dev.tutti.link.trust;

import java.nio.charset.StandardCharsets;
import java.security.InvalidAlgorithmParameterException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/// How an agent proves that it has a token's secret, and for which key and which connection it
/// does: an HMAC over what only the two ends of one TLS connection can compute (RFC 8446 §7.5) and
/// over its certificate request. Whoever relays it to another connection, or with another key, has
/// nothing.
public final class Proof {
  private static final int KEY_BYTES = 32;
  private static final String INFO = "tutti enrolment v1 ";

  private Proof() {}

  /// What the hub keeps of a secret while its invitation is open (RFC 5869): with it alone the
  /// token cannot be written down again.
  public static byte[] keyOf(String tokenId, String secret) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(secret.getBytes(StandardCharsets.US_ASCII))
                  .thenExpand((INFO + tokenId).getBytes(StandardCharsets.UTF_8), KEY_BYTES));
    } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException impossible) {
      throw Hashes.missing("HKDF-SHA256", impossible);
    }
  }

  /// The proof for a connection and a request.
  ///
  /// @param exporter what {@link Exporter} gives for the connection
  /// @param request the certificate request, as bytes
  public static byte[] of(byte[] key, byte[] exporter, byte[] request) {
    return Hashes.mac(key, exporter, Hashes.sha256(request));
  }

  /// Whether it is that proof. Takes as long for any wrong one.
  public static boolean matches(byte[] proof, byte[] key, byte[] exporter, byte[] request) {
    return MessageDigest.isEqual(proof, of(key, exporter, request));
  }
}
