package dev.tutti.worklist;

import java.time.Instant;
import java.util.Optional;

/// A file that somebody uploaded, or that a batch wrote.
///
/// @param id its name, `file-…`
/// @param principal whose it is
/// @param name what its owner calls it
/// @param purpose what it is for, in OpenAI's words (`batch`, `batch_output`)
/// @param bytes how long it is
/// @param createdAt when it came
/// @param expiresAt when it goes by itself, if it does
public record StoredFile(
    String id,
    String principal,
    String name,
    String purpose,
    long bytes,
    Instant createdAt,
    Optional<Instant> expiresAt) {}
