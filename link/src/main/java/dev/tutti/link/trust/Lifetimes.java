package dev.tutti.link.trust;

import java.time.Duration;
import java.time.Instant;

/// How long certificates last and when they are due, as functions of the time.
public final class Lifetimes {
  /// A root authority.
  public static final Duration ROOT = Duration.ofDays(3_652);

  /// An intermediate authority.
  public static final Duration INTERMEDIATE = Duration.ofDays(365);

  /// A hub's own certificate.
  public static final Duration HUB = Duration.ofDays(30);

  /// A node's certificate.
  public static final Duration NODE = Duration.ofHours(24);

  /// How long an expired certificate of a node is still good for its renewal.
  public static final Duration GRACE = Duration.ofDays(30);

  /// Every hub's and node's certificate begins so much before it is made, for clocks that are late.
  public static final Duration BACKDATED = Duration.ofHours(1);

  /// The same for authorities. They may begin much earlier, since nothing hangs on when they do: a
  /// clock that is put back soon after a mesh was made must not make them authorities of the
  /// future.
  public static final Duration AUTHORITY_BACKDATED = Duration.ofDays(30);

  /// By so much an agent's clock may be off when it judges its hub's certificate.
  public static final Duration SKEW = Duration.ofHours(1);

  private Lifetimes() {}

  /// How a node's certificate stands at a moment.
  public enum Standing {
    /// Good for everything.
    FRESH,
    /// Expired not long ago: good for its renewal.
    GRACE,
    /// Not valid yet, so one of two clocks has jumped: good for its renewal.
    FROM_THE_FUTURE,
    /// Expired too long ago: good for nothing.
    TOO_OLD
  }

  /// How a certificate with these bounds stands.
  public static Standing standing(Instant notBefore, Instant notAfter, Instant now) {
    if (now.isBefore(notBefore)) {
      return Standing.FROM_THE_FUTURE;
    }
    if (!now.isAfter(notAfter)) {
      return Standing.FRESH;
    }
    return now.isAfter(notAfter.plus(GRACE)) ? Standing.TOO_OLD : Standing.GRACE;
  }

  /// How long until a certificate is to be renewed, which is when two thirds of its time are over;
  /// zero when that is now. One from the future is due now as well.
  ///
  /// @param lifetime what it was made for
  public static Duration untilDue(
      Duration lifetime, Instant notBefore, Instant notAfter, Instant now) {
    if (now.isBefore(notBefore)) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(now, notAfter.minus(lifetime.dividedBy(3)));
    return left.isNegative() ? Duration.ZERO : left;
  }
}
