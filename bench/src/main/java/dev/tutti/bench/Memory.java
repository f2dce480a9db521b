package dev.tutti.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/// Resident memory of a hub and of an agent, 30 s after each is ready.
final class Memory {
  private static final Duration REST = Duration.ofSeconds(30);

  private Memory() {}

  static void run(Path root, int runs) throws IOException, InterruptedException {
    var hubs = new ArrayList<Long>();
    var agents = new ArrayList<Long>();
    for (int i = 0; i < runs; i++) {
      var words =
          List.of("up", "--port", "0", "--node-port", "0", "--grpc-port", "0", "--no-discover");
      try (var hub = Program.start(root, Program.freshHome(), words)) {
        String url = hub.waitFor("ready");
        List<String> join = invitation(root, url);
        try (var agent = Program.start(root, Program.freshHome(), join)) {
          agent.waitFor("ready");
          rest();
          hubs.add(hub.residentKibi());
          agents.add(agent.residentKibi());
        }
      }
    }
    print("hub", hubs);
    print("agent", agents);
  }

  /// The words of the join command that the hub prints, without the program's own name.
  private static List<String> invitation(Path root, String url)
      throws IOException, InterruptedException {
    var command =
        List.of(
            root.resolve("tutti").toString(),
            "node",
            "invite",
            "--name",
            "bench",
            "--role",
            "llm_worker",
            "--url",
            url);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("invite: " + said);
    }
    var words = new ArrayList<>(List.of(said.strip().split("\\s+")));
    words.removeFirst();
    words.add("--no-discover");
    return words;
  }

  private static void rest() {
    long end = System.nanoTime() + REST.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private static void print(String what, List<Long> kibi) {
    List<Long> sorted = kibi.stream().sorted().toList();
    System.out.printf(
        Locale.ROOT,
        "VmRSS of the %-6s 30 s after ready   median %5.1f MB   (%s)%n",
        what,
        sorted.get(sorted.size() / 2) / 1024.0,
        String.join(
            ", ",
            sorted.stream().map(k -> String.format(Locale.ROOT, "%.1f", k / 1024.0)).toList()));
  }
}
