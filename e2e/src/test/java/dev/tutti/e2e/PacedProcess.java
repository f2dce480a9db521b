package dev.tutti.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// A simulated engine as a process of its own, so that its pace does not hang on this JVM's. Ends
/// at the latest with this JVM, whose end closes its input.
final class PacedProcess implements AutoCloseable {
  private static final long END_SECONDS = 5;

  private final Process process;
  private final String url;

  private PacedProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  /// Starts an engine with the options of {@code dev.tutti.paced.PacedMain} and waits until it
  /// listens.
  static PacedProcess start(String... options) {
    var command =
        new ArrayList<>(
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
      var out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      String line = out.readLine();
      if (line == null || !line.startsWith("listening ")) {
        process.destroyForcibly();
        throw new AssertionError("the simulated engine said: " + line);
      }
      return new PacedProcess(process, line.substring("listening ".length()).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where it listens.
  String url() {
    return url;
  }

  /// Its own view of its work.
  Stats stats() {
    JsonNode json = Http.get(url + "/_paced/stats").json();
    return new Stats(
        json.path("active").intValue(),
        json.path("queued").intValue(),
        json.path("completed").intValue(),
        json.path("aborted").intValue(),
        json.path("tokens").longValue());
  }

  /// Loads, unloads, adds or removes a model.
  void order(String verb, String model) {
    var answer = Http.post(url + "/_paced/models", "{\"" + verb + "\":\"" + model + "\"}");
    if (answer.status() != 200) {
      throw new AssertionError(verb + " " + model + ": " + answer);
    }
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

  /// What the engine counts: work now, then totals since its start.
  record Stats(int active, int queued, int completed, int aborted, long tokens) {
    /// Generations that ever began or waited here.
    int seen() {
      return active + queued + completed + aborted;
    }
  }
}
