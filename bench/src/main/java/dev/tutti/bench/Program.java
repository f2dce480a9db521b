package dev.tutti.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One run of the program with a home of its own, as a child process.
final class Program implements AutoCloseable {
  /// The longest wait for a child to say what it is waited for, in seconds.
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final BufferedReader out;
  private final Path home;

  private Program(Process process, Path home) {
    this.process = process;
    this.home = home;
    this.out =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /// Starts `tutti` with the given words. What it says besides data goes to a file in its home.
  static Program start(Path root, Path home, List<String> words) throws IOException {
    var command = new ArrayList<String>();
    command.add(root.resolve("tutti").toString());
    command.addAll(words);
    var builder = new ProcessBuilder(command);
    builder.environment().put("TUTTI_HOME", home.toString());
    builder.redirectError(home.resolve("stderr.log").toFile());
    return new Program(builder.start(), home);
  }

  /// A fresh, empty home.
  static Path freshHome() throws IOException {
    return Files.createTempDirectory("tutti-bench");
  }

  /// Waits for a line of its output that begins with the word, and gives the rest.
  String waitFor(String word) throws IOException {
    String line;
    while ((line = out.readLine()) != null) {
      if (line.startsWith(word)) {
        return line.substring(word.length()).strip();
      }
    }
    throw new IOException(
        "output ended before \"" + word + "\"; " + Files.readString(home.resolve("stderr.log")));
  }

  /// Resident memory in KiB, as Linux tells.
  long residentKibi() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", "" + process.pid(), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("VmRSS: not found (expected: Linux)");
  }

  /// Waits for the process to end by itself.
  int exit() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("still running after " + PATIENCE_SECONDS + " s");
    }
    return process.exitValue();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
