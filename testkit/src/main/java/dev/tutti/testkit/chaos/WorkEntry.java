package dev.tutti.testkit.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// One line of an engine's own log: `INSTANT SEED WHAT TOKENS`.
///
/// @param what `begun`, `completed`, `aborted` or `failed`
/// @param tokens answer tokens that were there when it begun, or were made until its end
public record WorkEntry(Instant at, long seed, String what, int tokens) {
  /// The log, oldest first; empty when there is none yet.
  public static List<WorkEntry> read(Path log) {
    try {
      return Files.exists(log)
          ? Files.readAllLines(log).stream().map(WorkEntry::parse).toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static WorkEntry parse(String line) {
    String[] words = line.split(" ", -1);
    return new WorkEntry(
        Instant.parse(words[0]), Long.parseLong(words[1]), words[2], Integer.parseInt(words[3]));
  }

  /// Whether an engine was given work.
  public boolean isBegin() {
    return what.equals("begun");
  }
}
