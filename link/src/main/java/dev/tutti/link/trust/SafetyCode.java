package dev.tutti.link.trust;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;

/// Six digits that a human compares at both ends before a newcomer is let in. They are made of the
/// hub's root, the newcomer's key and a number of each side. The newcomer commits to its number
/// before it hears the hub's, so that somebody in between can only guess, once for each try:
/// without that a million tries at home would give it matching digits.
public final class SafetyCode {
  /// Bytes of each side's number, and of the commitment.
  public static final int NUMBER_BYTES = 32;

  private static final byte[] COMMITMENT =
      "tutti safety code, commitment".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CODE = "tutti safety code".getBytes(StandardCharsets.US_ASCII);
  private static final BigInteger CODES = BigInteger.valueOf(1_000_000);

  private SafetyCode() {}

  /// What the newcomer shows before its number.
  public static byte[] commitment(byte[] number) {
    return Hashes.sha256(COMMITMENT, number);
  }

  /// Whether the number is the one that was committed to.
  public static boolean keeps(byte[] commitment, byte[] number) {
    return number.length == NUMBER_BYTES && MessageDigest.isEqual(commitment, commitment(number));
  }

  /// The digits, as `123 456`.
  ///
  /// @param key the newcomer's public key, as `SubjectPublicKeyInfo`
  /// @param newcomers the newcomer's number, of {@link #NUMBER_BYTES}
  /// @param hubs the hub's number, of {@link #NUMBER_BYTES}
  public static String of(Pin root, byte[] key, byte[] newcomers, byte[] hubs) {
    byte[] hash =
        Hashes.sha256(
            CODE,
            root.text().getBytes(StandardCharsets.US_ASCII),
            newcomers,
            hubs,
            Hashes.sha256(key));
    String digits =
        String.format(Locale.ROOT, "%06d", new BigInteger(1, hash).mod(CODES).intValue());
    return digits.substring(0, 3) + " " + digits.substring(3);
  }
}
