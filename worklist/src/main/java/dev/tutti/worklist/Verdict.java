package dev.tutti.worklist;

import dev.tutti.core.Failure;
import dev.tutti.core.Retry;
import java.time.Duration;

/// What becomes of an item whose work has ended.
sealed interface Verdict {
  /// It has ended, and this is recorded.
  record End(ItemResult result) implements Verdict {}

  /// It is begun again later.
  ///
  /// @param counted whether this time counts as an attempt
  /// @param notBefore the wait that somebody asked for, zero when nobody did
  record Again(boolean counted, Duration notBefore) implements Verdict {}

  /// Decides. Nobody having time is no fault of the item's and counts for nothing; what another
  /// engine might do better, or a model that is not known yet, is tried again.
  ///
  /// @param attempts how often the item was begun, this time included
  /// @param young whether the hub has only just begun, and may not have met all its engines yet
  static Verdict of(Worker.Ending ending, int attempts, WorkLimits limits, boolean young) {
    return switch (ending) {
      case Worker.Ending.Answered(String type, byte[] body) ->
          new End(ItemResult.answered(ItemState.DONE, 200, type, body));
      case Worker.Ending.Failed(Failure failure, int status, String type, byte[] body) -> {
        boolean last = attempts >= limits.attempts();
        ItemResult failed = ItemResult.answered(ItemState.FAILED, status, type, body);
        yield switch (failure.code()) {
          case BUSY, ENGINE_BUSY, RATE_LIMITED -> new Again(false, failure.retryAfter());
          case CANCELLED -> new End(ItemResult.unanswered(ItemState.CANCELLED));
          case NOT_FOUND ->
              last && !young ? new End(failed) : new Again(!young, failure.retryAfter());
          // Those who may do it may not have been met yet.
          case FORBIDDEN -> young ? new Again(false, failure.retryAfter()) : new End(failed);
          case INVALID_REQUEST,
              UNAUTHENTICATED,
              METHOD_NOT_ALLOWED,
              TOO_LARGE,
              UNSUPPORTED,
              LOOP,
              POISONED_REQUEST,
              KEY_REUSED,
              ANSWER_GONE,
              MISDIRECTED,
              OVER_BUDGET ->
              new End(failed);
          case INTERNAL, ENGINE_UNREACHABLE, ENGINE_ERROR, BROKEN_STREAM, ENGINE_STALLED ->
              last || failure.retry() == Retry.POINTLESS
                  ? new End(failed)
                  : new Again(true, failure.retryAfter());
        };
      }
    };
  }
}
