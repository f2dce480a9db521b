package dev.tutti.worklist;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Many items from one file, whose answers come as one file.
///
/// @param id its name, `batch_…`
/// @param principal whose it is
/// @param endpoint the path that every item would have called
/// @param inputFile the file with the items
/// @param metadata a JSON object of its client's, empty when there is none
/// @param wishes what is asked of the mesh for each item
/// @param outputsLive how long its output files stay, if not for ever
/// @param state where it is
/// @param counts of its items
/// @param files its output
/// @param errors why its file could not be used: a JSON array of OpenAI's batch errors, else empty
/// @param times when what happened
public record Batch(
    String id,
    String principal,
    String endpoint,
    String inputFile,
    String metadata,
    Wishes wishes,
    Optional<Duration> outputsLive,
    BatchState state,
    Counts counts,
    Files files,
    String errors,
    Times times) {
  /// The only window that OpenAI's API knows.
  public static final Duration WINDOW = Duration.ofHours(24);

  /// The same as a client writes it.
  public static final String WINDOW_NAME = "24h";

  /// A batch that has just been asked for.
  public static Batch fresh(
      String id,
      String principal,
      String endpoint,
      String inputFile,
      String metadata,
      Wishes wishes,
      Optional<Duration> outputsLive,
      Instant now) {
    return new Batch(
        id,
        principal,
        endpoint,
        inputFile,
        metadata,
        wishes,
        outputsLive,
        BatchState.VALIDATING,
        new Counts(0, 0, 0),
        new Files(Optional.empty(), Optional.empty()),
        "",
        new Times(
            now,
            now.plus(WINDOW),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  /// Its items.
  ///
  /// @param total lines of its file
  /// @param completed answered well
  /// @param failed ended in another way
  public record Counts(int total, int completed, int failed) {}

  /// What it wrote, once it has.
  ///
  /// @param output the good answers
  /// @param errors the others
  public record Files(Optional<String> output, Optional<String> errors) {}

  /// When what happened.
  ///
  /// @param createdAt it was asked for
  /// @param expiresAt by when its items must have ended
  /// @param inProgressAt its file was read
  /// @param finalizingAt its items had ended
  /// @param cancellingAt somebody cancelled it
  /// @param endedAt it ended, in whichever way
  public record Times(
      Instant createdAt,
      Instant expiresAt,
      Optional<Instant> inProgressAt,
      Optional<Instant> finalizingAt,
      Optional<Instant> cancellingAt,
      Optional<Instant> endedAt) {}
}
