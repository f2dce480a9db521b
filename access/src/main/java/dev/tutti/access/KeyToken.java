package dev.tutti.access;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/// A key as its holder has it: `tutti_<id>_<secret><check>`, letters and digits but for the two
/// underscores, so that a double click takes all of it.
///
/// The secret is 256 bits of chance in 43 characters of base 62; a slow hash would add nothing. The
/// check is the CRC-32 of all before it in 6 characters: a key that was copied badly, or one that
/// lies where it should not, can be told without asking anybody. No door looks at the check.
///
/// @param id the public part, by which the key is looked up
/// @param text the whole key: a secret
public record KeyToken(String id, String text) {
  /// What every key begins with.
  public static final String PREFIX = "tutti_";

  /// The longest text that is looked at, in characters.
  static final int MAX_CHARS = 128;

  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(62);
  private static final int ID_CHARS = 8;
  private static final int SECRET_BITS = 256;
  private static final int SECRET_CHARS = 43;
  private static final int CHECK_CHARS = 6;

  /// A new key.
  public static KeyToken make(RandomGenerator random) {
    var id = new StringBuilder(ID_CHARS);
    for (int i = 0; i < ID_CHARS; i++) {
      id.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    var secret = new byte[SECRET_BITS / Byte.SIZE];
    random.nextBytes(secret);
    String body = PREFIX + id + "_" + digits(new BigInteger(1, secret), SECRET_CHARS);
    return new KeyToken(id.toString(), body + check(body));
  }

  /// Whether a text is meant as a key of ours, right or wrong.
  public static boolean isMeant(String text) {
    return text.startsWith(PREFIX);
  }

  /// What a text says it is; whether it is a key that somebody was given, only the keyring knows.
  public static Optional<KeyToken> read(String text) {
    int end = text.length() > MAX_CHARS ? -1 : text.indexOf('_', PREFIX.length());
    return isMeant(text) && end > PREFIX.length() && end < text.length() - 1
        ? Optional.of(new KeyToken(text.substring(PREFIX.length(), end), text))
        : Optional.empty();
  }

  /// Whether the check at its end is right: it was copied as it was made.
  public boolean isIntact() {
    int at = text.length() - CHECK_CHARS;
    return at > PREFIX.length() && text.substring(at).equals(check(text.substring(0, at)));
  }

  /// The hash that is kept of it, 32 bytes.
  public byte[] sha256() {
    return Sha256.of(text);
  }

  /// Without the secret.
  @Override
  public String toString() {
    return PREFIX + id + "_***";
  }

  private static String check(String body) {
    var crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.UTF_8));
    return digits(BigInteger.valueOf(crc.getValue()), CHECK_CHARS);
  }

  private static String digits(BigInteger value, int length) {
    var text = new StringBuilder(length);
    BigInteger rest = value;
    for (int i = 0; i < length; i++) {
      BigInteger[] parts = rest.divideAndRemainder(BASE);
      text.append(DIGITS.charAt(parts[1].intValue()));
      rest = parts[0];
    }
    return text.reverse().toString();
  }
}
