package dev.tutti.worklist;

import dev.tutti.core.Failure;

/// Who does an item's work: it goes where all work goes. Owner loop only, in both directions.
@FunctionalInterface
public interface Worker {
  /// Begins; may call `progress` before it returns.
  Hold run(Item item, Progress progress);

  /// Hears of an item's work.
  interface Progress {
    /// An engine has it.
    void started();

    /// The one end, unless it was cancelled.
    void ended(Ending ending);
  }

  /// The hold on running work.
  @FunctionalInterface
  interface Hold {
    /// Ends it at once; its progress hears nothing more.
    void cancel();
  }

  /// How work ended.
  sealed interface Ending {
    /// With an answer.
    ///
    /// @param contentType the media type of the body
    /// @param body the bytes that the endpoint would have answered
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way to the store, never compared
    record Answered(String contentType, byte[] body) implements Ending {}

    /// With a failure.
    ///
    /// @param failure why
    /// @param status the HTTP status that the endpoint would have answered with
    /// @param contentType the media type of the body
    /// @param body the bytes that the endpoint would have answered
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way to the store, never compared
    record Failed(Failure failure, int status, String contentType, byte[] body) implements Ending {}
  }
}
