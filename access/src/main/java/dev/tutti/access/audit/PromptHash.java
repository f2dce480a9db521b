package dev.tutti.access.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Names a prompt without telling it: an HMAC-SHA256 under a salt that never leaves the hub, so
/// that equal prompts can be recognised and none can be guessed from its hash. Any thread.
public final class PromptHash {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec salt;

  /// @param salt at least 16 bytes of chance, the same for the whole life of a log
  public PromptHash(byte[] salt) {
    if (salt.length < 16) {
      throw new IllegalArgumentException("salt: " + salt.length + " bytes (expected: >= 16)");
    }
    this.salt = new SecretKeySpec(salt, ALGORITHM);
  }

  /// 64 hexadecimal digits.
  public String of(String prompt) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(salt);
      return HexFormat.of().formatHex(mac.doFinal(prompt.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
