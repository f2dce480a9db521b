package dev.tutti.link.trust;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Closes and opens small secrets that are kept, with AES-256-GCM. Any thread, if `random` allows.
public final class Seal {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final RandomGenerator random;

  /// @param key 43 characters of base64url, as {@link #freshKey} makes them
  /// @param random fit for secrets
  public Seal(String key, RandomGenerator random) {
    byte[] bytes = Hashes.bytes(key);
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "key: " + bytes.length + " bytes (expected: " + KEY_BYTES + ")");
    }
    this.key = new SecretKeySpec(bytes, "AES");
    this.random = random;
  }

  /// A new key for a seal: secret.
  public static String freshKey(RandomGenerator random) {
    var bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    return Hashes.text(bytes);
  }

  /// Closes a secret.
  ///
  /// @param purpose without which it cannot be opened
  /// @return base64url
  public String close(byte[] secret, String purpose) {
    var nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] closed = cipher(Cipher.ENCRYPT_MODE, nonce, purpose).doFinal(secret);
      byte[] whole = Arrays.copyOf(nonce, NONCE_BYTES + closed.length);
      System.arraycopy(closed, 0, whole, NONCE_BYTES, closed.length);
      return Hashes.text(whole);
    } catch (GeneralSecurityException impossible) {
      throw Hashes.missing("AES-GCM", impossible);
    }
  }

  /// Opens what was closed for the purpose.
  ///
  /// @throws IllegalArgumentException when it was closed with another key, for something else, or
  ///   was changed
  public byte[] open(String sealed, String purpose) {
    try {
      byte[] whole = Hashes.bytes(sealed);
      if (whole.length < NONCE_BYTES) {
        throw new IllegalArgumentException("sealed: too short (expected: a whole one)");
      }
      byte[] nonce = Arrays.copyOf(whole, NONCE_BYTES);
      return cipher(Cipher.DECRYPT_MODE, nonce, purpose)
          .doFinal(whole, NONCE_BYTES, whole.length - NONCE_BYTES);
    } catch (GeneralSecurityException wrong) {
      throw new IllegalArgumentException(
          "sealed: cannot be opened (expected: unchanged, and the key it was closed with)", wrong);
    }
  }

  private Cipher cipher(int mode, byte[] nonce, String purpose) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
