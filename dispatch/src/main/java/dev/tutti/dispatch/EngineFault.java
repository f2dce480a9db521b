package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;

/// What an attempt's failure means: pure.
final class EngineFault {
  private EngineFault() {}

  /// Whether the engine was not there or would not take the work just now.
  static boolean isRefusal(Failure failure) {
    return failure.code() == FailureCode.ENGINE_UNREACHABLE
        || failure.code() == FailureCode.ENGINE_BUSY;
  }

  static Failure broken(Failure failure) {
    if (failure.code() != FailureCode.ENGINE_UNREACHABLE) {
      return failure;
    }
    return new Failure(
        FailureCode.BROKEN_STREAM,
        Retry.UNSAFE_MAY_HAVE_ACTED,
        "the answer broke off: " + failure.message(),
        failure.engineStatus(),
        failure.retryAfter());
  }

  /// Whether the engine may have died at the work it was given.
  static boolean isSignOfDeath(Failure failure) {
    return failure.code() == FailureCode.BROKEN_STREAM
        || (failure.code() == FailureCode.ENGINE_UNREACHABLE
            && failure.retry() == Retry.UNSAFE_MAY_HAVE_ACTED);
  }
}
