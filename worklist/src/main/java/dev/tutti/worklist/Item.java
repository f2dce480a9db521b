package dev.tutti.worklist;

import dev.tutti.core.TaskId;
import java.time.Instant;
import java.util.Optional;

/// One unit of longer work as it was asked for.
///
/// @param id its name, which is also that of its task while it runs
/// @param batch the batch it belongs to, if any
/// @param line its line in the batch's file, from 1; 0 without a batch
/// @param customId what the client calls it within its batch, else empty
/// @param principal who asked, empty when nobody had to say
/// @param endpoint the path that would have been called
/// @param model the model asked for
/// @param wishes what is asked of the mesh itself
/// @param body the request's body: not a copy, not to be changed
/// @param createdAt when it was taken
/// @param expiresAt until when it must have ended
@SuppressWarnings("ArrayRecordComponent") // bytes on their way to a codec, never compared
public record Item(
    TaskId id,
    Optional<String> batch,
    int line,
    String customId,
    String principal,
    String endpoint,
    String model,
    Wishes wishes,
    byte[] body,
    Instant createdAt,
    Instant expiresAt) {}
