package dev.tutti.core;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/// A failure as a value: what, whether trying again is safe, and a message fit for the client.
///
/// `message` never holds a prompt or a secret. `engineStatus` is the HTTP status the engine itself
/// gave, 0 when it gave none. `retryAfter` is zero when nobody said when to come back.
public record Failure(
    FailureCode code, Retry retry, String message, int engineStatus, Duration retryAfter) {

  /// A failure without an engine's status or a time to come back.
  public static Failure of(FailureCode code, Retry retry, String message) {
    return new Failure(code, retry, message, 0, Duration.ZERO);
  }

  /// A request that is wrong in itself.
  public static Failure invalid(String message) {
    return of(FailureCode.INVALID_REQUEST, Retry.POINTLESS, message);
  }

  /// The engine's own HTTP status, when it gave one.
  public OptionalInt engineStatusIfAny() {
    return engineStatus == 0 ? OptionalInt.empty() : OptionalInt.of(engineStatus);
  }

  /// How long to wait before coming back, when somebody said so.
  public Optional<Duration> retryAfterIfAny() {
    return retryAfter.isZero() ? Optional.empty() : Optional.of(retryAfter);
  }

  /// The same failure with the time after which coming back makes sense.
  public Failure retryAfter(Duration wait) {
    return new Failure(code, retry, message, engineStatus, wait);
  }
}
