package dev.tutti.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/// A paced engine as a process of its own. Ends at the latest when this JVM does.
final class PacedProcess implements AutoCloseable {
  private static final String LISTENING = "listening ";

  private final Process process;
  private final String url;

  private PacedProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /// Starts one and waits until it listens.
  static PacedProcess start(Replay.Machine machine, String model) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tutti.paced.PacedMain",
                "--until-eof",
                "--name",
                machine.name(),
                "--models",
                model,
                "--prefill",
                String.valueOf(machine.prefill()),
                "--decode",
                String.valueOf(machine.decode()),
                "--slots",
                String.valueOf(machine.slots()),
                "--load",
                "0",
                "--answer",
                "endless")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(LISTENING)) {
        return new PacedProcess(process, line.substring(LISTENING.length()).strip());
      }
    }
    throw new IOException("paced: ended (expected: listening)");
  }

  String url() {
    return url;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
