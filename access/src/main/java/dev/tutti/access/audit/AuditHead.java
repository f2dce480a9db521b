package dev.tutti.access.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A signed statement: so many records there are, and this is the last one's hash. Who keeps a copy
/// elsewhere can later tell whether the log was rewritten.
///
/// A head is one line, `SIGNATURE N HASH AT`: an Ed25519 signature of the rest in hexadecimal, the
/// number of the last record, its hash, and when it was signed.
///
/// @param number of the last record
/// @param hash of the last record, 64 lower-case hexadecimal digits
/// @param at when it was signed
/// @param signature 128 lower-case hexadecimal digits
public record AuditHead(long number, String hash, Instant at, String signature) {
  private static final String ALGORITHM = "Ed25519";
  private static final Pattern LINE =
      Pattern.compile(
          "([0-9a-f]{128}) ((?:0|[1-9][0-9]{0,17})) ([0-9a-f]{64})"
              + " ([0-9]{4}-[0-9:T.-]{10,24}Z)");

  /// Signs the end of a log.
  public static AuditHead sign(long number, byte[] hash, Instant at, PrivateKey key) {
    String digits = HexFormat.of().formatHex(hash);
    Instant when = at.truncatedTo(ChronoUnit.MILLIS);
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(signed(number, digits, when));
      return new AuditHead(number, digits, when, HexFormat.of().formatHex(signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /// Reads a line, if it is one; says nothing about whether the signature fits.
  public static Optional<AuditHead> parse(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      var head =
          new AuditHead(
              Long.parseLong(parts.group(2)),
              parts.group(3),
              Instant.parse(parts.group(4)),
              parts.group(1));
      return head.line().equals(line) ? Optional.of(head) : Optional.empty();
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }

  /// Whether that key signed it.
  public boolean isSignedBy(PublicKey key) {
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(key);
      check.update(signed(number, hash, at));
      return check.verify(HexFormat.of().parseHex(signature));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return false;
    }
  }

  /// The head as one line.
  public String line() {
    return signature + " " + number + " " + hash + " " + at;
  }

  private static byte[] signed(long number, String hash, Instant at) {
    return (number + " " + hash + " " + at).getBytes(StandardCharsets.US_ASCII);
  }
}
