package dev.tutti.dispatch;

import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import java.time.Duration;
import java.util.Optional;

/// A task that has not ended, at one moment.
///
/// @param id its name
/// @param type what kind of work
/// @param asked the model asked for
/// @param principal who asked, empty when nobody had to say
/// @param priority 0 to 9, 9 first
/// @param running where it runs; empty while it waits
/// @param position its place in the queue, 1 for the first; 0 while it runs
/// @param expected how long it will still wait; empty while it does not
/// @param attempts attempts begun so far
/// @param queued how long it has waited, all attempts together
/// @param age since submission
/// @param events pieces of the answer so far in this attempt
public record TaskView(
    TaskId id,
    TaskType type,
    ModelName asked,
    String principal,
    int priority,
    Optional<Assignment> running,
    int position,
    Optional<WaitEstimate> expected,
    int attempts,
    Duration queued,
    Duration age,
    int events) {}
