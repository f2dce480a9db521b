package dev.tutti.link.trust;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// SHA-256 and what is made with it.
public final class Hashes {
  private static final String MAC = "HmacSHA256";

  private Hashes() {}

  /// SHA-256 of the parts, one after the other.
  public static byte[] sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException impossible) {
      throw missing("SHA-256", impossible);
    }
  }

  static byte[] mac(byte[] key, byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
      throw missing(MAC, impossible);
    }
  }

  /// Bytes as base64url without padding: 43 characters for a hash.
  public static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// The bytes of such a text.
  ///
  /// @throws IllegalArgumentException when it is none
  public static byte[] bytes(String text) {
    return Base64.getUrlDecoder().decode(text);
  }

  static IllegalStateException missing(String what, Exception cause) {
    return new IllegalStateException(what + ": missing (expected: in every JDK)", cause);
  }
}
