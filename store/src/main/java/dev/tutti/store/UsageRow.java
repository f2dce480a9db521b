package dev.tutti.store;

import dev.tutti.core.BackendId;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One task after its end: who asked for what, where it ran, and what it cost. No prompt, no
/// answer.
///
/// @param task its name
/// @param at when it ended
/// @param principal who asked, empty when nobody had to say
/// @param dialect the client's dialect, empty when unknown
/// @param type what kind of work, as in headers
/// @param asked the model asked for; may be virtual
/// @param answered the model that answered; empty when none did
/// @param node the machine of the last attempt; empty when there was none
/// @param backend the backend of the last attempt; empty when there was none
/// @param promptTokens tokens read, 0 when unknown
/// @param cachedTokens of them, taken from a cache, 0 when unknown
/// @param outputTokens tokens written, 0 when unknown
/// @param queued how long it waited for a slot
/// @param first from arrival to the first piece of the answer; empty when there was none
/// @param total from arrival to its end
/// @param attempts how many attempts were begun
/// @param outcome how it ended
/// @param failure what went wrong; empty when it is done
public record UsageRow(
    TaskId task,
    Instant at,
    String principal,
    String dialect,
    String type,
    ModelName asked,
    Optional<ModelName> answered,
    Optional<NodeId> node,
    Optional<BackendId> backend,
    long promptTokens,
    long cachedTokens,
    long outputTokens,
    Duration queued,
    Optional<Duration> first,
    Duration total,
    int attempts,
    Outcome outcome,
    Optional<FailureCode> failure) {

  /// How a task ended.
  public enum Outcome {
    /// Answered to its end.
    DONE,
    /// Not begun: nobody was free in time, or there was no such model.
    REFUSED,
    /// Begun, and ended with an error.
    FAILED,
    /// The client went away.
    CANCELLED
  }
}
