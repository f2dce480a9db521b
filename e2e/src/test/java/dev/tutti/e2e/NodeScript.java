package dev.tutti.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;

/// Runs the clients that live in `e2e/clients` under Node.
final class NodeScript {
  private static final Duration INSTALLS_WITHIN = Duration.ofMinutes(3);
  private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);

  private static final Path CLIENTS =
      Path.of(System.getProperty("tutti.root", "."), "e2e", "clients").toAbsolutePath();

  /// The clients need a newer Node than many machines have, so that it comes with them.
  private static final Path NODE = CLIENTS.resolve("node_modules/node/bin/node");

  private NodeScript() {}

  /// What a program said.
  ///
  /// @param code its exit code
  private record Said(int code, String out, String err) {}

  /// Runs a script to its end and reads the one JSON document that it prints. Skips the test when
  /// there is no Node, or its packages cannot be had.
  static JsonNode run(String script, String... words) {
    install();
    List<String> command = new ArrayList<>(List.of(NODE.toString(), script));
    command.addAll(Arrays.asList(words));
    Said said = execute(ENDS_WITHIN, command);
    if (said.code() != 0) {
      throw new AssertionError(script + " ended with " + said.code() + "\n" + said.err());
    }
    return HubApi.parse(said.out());
  }

  /// Fetches the packages unless they are there and as new as their list. One at a time on this
  /// machine: within this process by the monitor, between processes by the file's lock.
  private static synchronized void install() {
    for (String tool : List.of("node", "npm")) {
      Assumptions.assumeTrue(isThere(tool), tool + ": not found on the PATH (expected: Node 20)");
    }
    Path lock = CLIENTS.resolveSibling("target").resolve("npm.lock");
    try {
      Files.createDirectories(lock.getParent());
      try (var channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var held = channel.lock()) {
        if (held.isValid() && isStale()) {
          Said said = execute(INSTALLS_WITHIN, List.of("npm", "ci"));
          Assumptions.assumeTrue(said.code() == 0, "npm ci: failed\n" + said.err());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// npm writes its own list last.
  private static boolean isStale() throws IOException {
    Path installed = CLIENTS.resolve("node_modules").resolve(".package-lock.json");
    Path wanted = CLIENTS.resolve("package-lock.json");
    return !Files.exists(installed)
        || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) < 0;
  }

  private static boolean isThere(String tool) {
    String path = System.getenv("PATH");
    return path != null
        && Arrays.stream(path.split(java.io.File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }

  private static Said execute(Duration within, List<String> command) {
    try {
      Path out = Files.createTempFile("client-", ".out");
      Path err = Files.createTempFile("client-", ".err");
      try {
        Process process =
            new ProcessBuilder(command)
                .directory(CLIENTS.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(within.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError(
              command + " still runs after " + within + "\n" + Files.readString(err));
        }
        return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
      } finally {
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
