package dev.tutti.link.trust;

import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an invitation gives a machine: `tutti1.PIN.ID.SECRET`. The pin says which hub may be talked
/// to at all, the id says which invitation is meant; the secret is proved and never sent.
///
/// @param id 11 characters of base64url
/// @param secret 43 characters of base64url: 256 bits of chance
public record JoinToken(Pin pin, String id, String secret) {
  private static final Pattern FORM =
      Pattern.compile("tutti1\\.([A-Za-z0-9_-]{43})\\.([A-Za-z0-9_-]{11})\\.([A-Za-z0-9_-]{43})");

  private static final int ID_BYTES = 8;
  private static final int SECRET_BYTES = 32;

  /// A new token for the hub of that pin. `random` must be fit for secrets.
  public static JoinToken fresh(Pin pin, RandomGenerator random) {
    var id = new byte[ID_BYTES];
    random.nextBytes(id);
    var secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new JoinToken(pin, Hashes.text(id), Hashes.text(secret));
  }

  /// Reads a token as somebody typed it.
  ///
  /// @throws IllegalArgumentException when it is none; the message says nothing of it
  public static JoinToken parse(String text) {
    Matcher parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "--token: not one of this version, or not whole (expected: tutti1.… as `tutti node"
              + " invite` printed it)");
    }
    return new JoinToken(new Pin(parts.group(1)), parts.group(2), parts.group(3));
  }

  /// The token as it is typed: secret.
  public String text() {
    return "tutti1." + pin + "." + id + "." + secret;
  }

  @Override
  public String toString() {
    return "JoinToken[id=" + id + "]";
  }
}
