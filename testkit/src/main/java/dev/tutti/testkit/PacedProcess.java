package dev.tutti.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A simulated engine as a process of its own, so that its pace does not hang on this JVM's. Ends
/// at the latest with this JVM, whose end closes its input.
public final class PacedProcess implements AutoCloseable {
  private static final String LISTENING = "listening ";
  private static final long END_SECONDS = 5;

  private final Process process;
  private final String url;

  private PacedProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /// Starts an engine with the options of `dev.tutti.paced.PacedMain`, which must be on this JVM's
  /// class path, and waits until it listens.
  ///
  /// @param before words before the command, such as `ip netns exec NAME`
  public static PacedProcess start(List<String> before, String... options) {
    var command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.tutti.paced.PacedMain",
            "--until-eof"));
    command.addAll(List.of(options));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      // One that is stopped does not see that its input ends.
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      String last = "nothing";
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(LISTENING)) {
          return new PacedProcess(process, line.substring(LISTENING.length()).strip());
        }
        last = line;
      }
      process.destroyForcibly();
      throw new AssertionError("the simulated engine said: " + last);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where it listens.
  public String url() {
    return url;
  }

  /// The process id.
  public long pid() {
    return process.pid();
  }

  /// Whether it runs.
  public boolean isAlive() {
    return process.isAlive();
  }

  /// Kills it.
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
