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
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;

/// Runs the clients that live in `e2e/clients` under Node.
final class NodeScript {
  private static final Duration INSTALLS_WITHIN = Duration.ofMinutes(3);
  private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);

  private static final Path CLIENTS =
      Path.of(System.getProperty("tutti.root", "."), "e2e", "clients").toAbsolutePath().normalize();

  /// The clients need a newer Node than many machines have, so that it comes with them.
  private static final Path NODE = CLIENTS.resolve("node_modules/node/bin/node");

  private NodeScript() {}

  /// Runs a script to its end and reads the one JSON document that it prints. Skips the test when
  /// there is no Node, or its packages cannot be had.
  static JsonNode run(String script, String... words) {
    return runWith("", script, words);
  }

  /// The same with a key, empty for none.
  static JsonNode runWith(String key, String script, String... words) {
    return runIn(key.isEmpty() ? Map.of() : Map.of("TUTTI_KEY", key), script, words);
  }

  /// The same with these variables in its environment.
  static JsonNode runIn(Map<String, String> environment, String script, String... words) {
    install();
    List<String> command = new ArrayList<>();
    command.add("env");
    environment.forEach((name, value) -> command.add(name + "=" + value));
    command.addAll(List.of(NODE.toString(), script));
    command.addAll(Arrays.asList(words));
    Program.Said said = Program.run(CLIENTS, ENDS_WITHIN, command);
    if (said.code() != 0) {
      throw new AssertionError(script + " ended with " + said.code() + "\n" + said.err());
    }
    return HubApi.parse(said.out());
  }

  /// The folder with a Node that is new enough for everybody, once it is there.
  static Path nodeFolder() {
    install();
    return NODE.resolveSibling(".").normalize();
  }

  /// Fetches one package of this version, whole name `NAME@VERSION`, into a folder of its own under
  /// `target`. Skips the test when it cannot be had.
  ///
  /// @return the folder with its programs
  static Path fetch(String name, String version) {
    install();
    Path folder =
        CLIENTS
            .resolveSibling("target")
            .resolve("programs")
            .resolve(name.replaceAll("\\W+", "-") + "-" + version);
    locked(() -> {
      Path done = folder.resolve("fetched");
      if (!Files.exists(done)) {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("package.json"), "{\"private\":true}");
        Program.Said said =
            Program.run(
                folder,
                INSTALLS_WITHIN,
                List.of("npm", "install", "--no-audit", "--no-fund", name + "@" + version));
        Assumptions.assumeTrue(
            said.code() == 0, name + "@" + version + ": cannot be had\n" + said.err());
        Files.createFile(done);
      }
    });
    return folder.resolve("node_modules").resolve(".bin");
  }

  /// Fetches the packages unless they are there and as new as their list.
  private static void install() {
    for (String tool : List.of("node", "npm")) {
      Assumptions.assumeTrue(
          Program.isOnPath(tool), tool + ": not found on the PATH (expected: Node 20)");
    }
    locked(() -> {
      if (isStale()) {
        Program.Said said = Program.run(CLIENTS, INSTALLS_WITHIN, List.of("npm", "ci"));
        Assumptions.assumeTrue(said.code() == 0, "npm ci: failed\n" + said.err());
      }
    });
  }

  private interface Work {
    void run() throws IOException;
  }

  /// One at a time on this machine: within this process by the monitor, between processes by the
  /// file's lock.
  private static synchronized void locked(Work work) {
    Path lock = CLIENTS.resolveSibling("target").resolve("npm.lock");
    try {
      Files.createDirectories(lock.getParent());
      try (var channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var held = channel.lock()) {
        if (held.isValid()) {
          work.run();
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
        || !Files.exists(NODE)
        || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) < 0;
  }
}
