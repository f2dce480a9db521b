package dev.tutti.fleet;

import dev.tutti.core.Failure;

/// Whether a backend can be trusted to answer: a pure policy over a small state.
///
/// Hard evidence (nobody listens) counts at once, soft evidence (silence) when it comes twice in a
/// row, and one good probe makes up for all of it. A later policy may know more states; its callers
/// only see {@link Health}.
///
/// @param health the verdict
/// @param softInARow soft signs of trouble since the last good one
/// @param trouble why it is not up, empty when it is
record Liveness(Health health, int softInARow, String trouble) {
  /// Soft signs in a row that make a backend count as down.
  static final int SOFT_LIMIT = 2;

  /// Nothing known yet.
  static final Liveness UNKNOWN = new Liveness(Health.UNKNOWN, 0, "");

  /// Something learned about a backend.
  sealed interface Sign {
    /// A probe found it well.
    record Well() implements Sign {}

    /// A probe failed.
    record ProbeFailed(Failure failure) implements Sign {}

    /// A client's attempt failed there.
    record AttemptFailed(Failure failure) implements Sign {}

    /// Whoever watches it from nearby says so.
    record Told(Health health, String trouble) implements Sign {}
  }

  /// The state after the sign.
  Liveness after(Sign sign) {
    return switch (sign) {
      case Sign.Well() -> new Liveness(Health.UP, 0, "");
      case Sign.Told(Health told, String why) -> new Liveness(told, 0, why);
      case Sign.ProbeFailed(Failure failure) -> afterProbe(failure);
      case Sign.AttemptFailed(Failure failure) -> afterAttempt(failure);
    };
  }

  private Liveness afterProbe(Failure failure) {
    return switch (failure.code()) {
      case ENGINE_UNREACHABLE -> down(failure);
      case ENGINE_BUSY -> busy(failure);
      // A probe asks so little that any other failure of it is a sign of trouble.
      case ENGINE_STALLED,
          BROKEN_STREAM,
          ENGINE_ERROR,
          INVALID_REQUEST,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          TOO_LARGE,
          ANSWER_GONE,
          KEY_REUSED,
          POISONED_REQUEST,
          CANCELLED,
          INTERNAL,
          UNSUPPORTED,
          BUSY,
          LOOP ->
          soft(failure);
    };
  }

  private Liveness afterAttempt(Failure failure) {
    return switch (failure.code()) {
      case ENGINE_UNREACHABLE -> down(failure);
      case ENGINE_BUSY -> health == Health.DOWN ? this : busy(failure);
      case ENGINE_STALLED, BROKEN_STREAM -> soft(failure);
      // An engine's error may be the request's fault: it says nothing about the engine.
      case ENGINE_ERROR,
          INVALID_REQUEST,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          TOO_LARGE,
          ANSWER_GONE,
          KEY_REUSED,
          POISONED_REQUEST,
          CANCELLED,
          INTERNAL,
          UNSUPPORTED,
          BUSY,
          LOOP ->
          this;
    };
  }

  private Liveness soft(Failure failure) {
    int count = softInARow + 1;
    if (count >= SOFT_LIMIT || health == Health.DOWN) {
      return new Liveness(Health.DOWN, count, failure.message());
    }
    return new Liveness(health, count, health == Health.UP ? "" : failure.message());
  }

  private static Liveness down(Failure failure) {
    return new Liveness(Health.DOWN, 0, failure.message());
  }

  private static Liveness busy(Failure failure) {
    return new Liveness(Health.BUSY, 0, failure.message());
  }
}
