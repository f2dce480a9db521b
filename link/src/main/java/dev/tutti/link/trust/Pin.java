package dev.tutti.link.trust;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.regex.Pattern;

/// What an agent knows its hub by: the SHA-256 of the public key (`SubjectPublicKeyInfo`) of the
/// hub's root authority.
///
/// @param text 43 characters of base64url
public record Pin(String text) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");

  /// Checks the form.
  public Pin {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "pin: " + text.length() + " characters (expected: 43 of base64url)");
    }
  }

  /// The pin of an authority.
  public static Pin of(X509Certificate authority) {
    return of(authority.getPublicKey());
  }

  static Pin of(PublicKey key) {
    return new Pin(Hashes.text(Hashes.sha256(key.getEncoded())));
  }

  @Override
  public String toString() {
    return text;
  }
}
