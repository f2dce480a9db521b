package dev.tutti.worklist;

import java.util.OptionalInt;

/// How an item ended. It is recorded once.
///
/// @param state one of the ends
/// @param status the HTTP status that its client would have got, when somebody answered
/// @param contentType the media type of the body
/// @param body what its client would have got: not a copy, not to be changed
@SuppressWarnings("ArrayRecordComponent") // bytes on their way to a client, never compared
public record ItemResult(ItemState state, OptionalInt status, String contentType, byte[] body) {
  private static final byte[] NOTHING = {};

  /// Checks that it is an end.
  public ItemResult {
    if (!state.isEnd()) {
      throw new IllegalArgumentException("state: " + state + " (expected: an end)");
    }
  }

  /// An answer, good or bad.
  public static ItemResult answered(ItemState state, int status, String contentType, byte[] body) {
    return new ItemResult(state, OptionalInt.of(status), contentType, body);
  }

  /// An end without an answer: cancelled, expired, or interrupted too often.
  public static ItemResult unanswered(ItemState state) {
    return new ItemResult(state, OptionalInt.empty(), "", NOTHING);
  }
}
