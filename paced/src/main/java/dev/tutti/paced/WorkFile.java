package dev.tutti.paced;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;

/// A work log in a file, one line `INSTANT SEED WHAT TOKENS` each, which a kill does not lose.
/// Engines of the same file write one after the other.
final class WorkFile implements WorkLog {
  private final FileOutputStream file;

  WorkFile(String path) {
    try {
      this.file = new FileOutputStream(path, true);
    } catch (IOException e) {
      throw new IllegalArgumentException("--log: " + path + " (expected: a writable file)", e);
    }
  }

  @Override
  public void note(Instant at, long seed, What what, int tokens) {
    String line = at + " " + seed + " " + what.name().toLowerCase(Locale.ROOT) + " " + tokens;
    try {
      file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
