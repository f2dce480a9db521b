package dev.tutti.worklist;

import dev.tutti.core.TaskId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/// What is known of an item, without what was asked and answered.
///
/// @param id its name
/// @param batch the batch it belongs to, if any
/// @param principal who asked
/// @param endpoint the path that would have been called
/// @param model the model asked for
/// @param priority 0 to 9
/// @param state where it is
/// @param attempts how often it was begun
/// @param createdAt when it was taken
/// @param expiresAt until when it must have ended
/// @param startedAt when it was last begun
/// @param endedAt when it ended
/// @param status the HTTP status of its answer, once there is one
public record ItemView(
    TaskId id,
    Optional<String> batch,
    String principal,
    String endpoint,
    String model,
    int priority,
    ItemState state,
    int attempts,
    Instant createdAt,
    Instant expiresAt,
    Optional<Instant> startedAt,
    Optional<Instant> endedAt,
    OptionalInt status) {}
