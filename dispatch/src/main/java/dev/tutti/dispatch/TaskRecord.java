package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What remains of a task that has ended.
///
/// @param id its name
/// @param type what kind of work it was
/// @param asked the model asked for
/// @param last the last attempt's place and model, if there was an attempt
/// @param principal who asked, empty when nobody had to say
/// @param submittedAt when it came
/// @param queued how long it waited for a slot, all attempts together
/// @param firstEvent from submission to the first piece of the last attempt, zero when none came
/// @param total from submission to the end
/// @param usage what the engine says it cost
/// @param events pieces of the answer that came in the last attempt
/// @param attempts how many attempts were begun
/// @param outcome how it ended
/// @param failure why it did not end well, if it did not
public record TaskRecord(
    TaskId id,
    TaskType type,
    ModelName asked,
    Optional<Assignment> last,
    String principal,
    Instant submittedAt,
    Duration queued,
    Duration firstEvent,
    Duration total,
    AnswerUsage usage,
    int events,
    int attempts,
    Outcome outcome,
    Optional<Failure> failure) {}
