package dev.tutti.bench;

import dev.tutti.testkit.TuttiProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/// Resident memory of a hub and of an agent, 30 s after each is ready.
final class Memory {
  private static final Duration REST = Duration.ofSeconds(30);

  private Memory() {}

  static void run(int runs) {
    var hubs = new ArrayList<Long>();
    var agents = new ArrayList<Long>();
    for (int i = 0; i < runs; i++) {
      try (var hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), "--no-discover")) {
        try (var agent = TuttiProcess.start(TuttiProcess.Place.fresh(), joinWords(hub.url()))) {
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
  private static String[] joinWords(String url) {
    TuttiProcess.Said said =
        TuttiProcess.run(
            TuttiProcess.Place.fresh(),
            "node",
            "invite",
            "--name",
            "bench",
            "--role",
            "llm_worker",
            "--url",
            url);
    if (said.code() != 0) {
      throw new IllegalStateException("invite: " + said.err());
    }
    var words = new ArrayList<>(List.of(said.out().strip().split("\\s+", -1)));
    words.removeFirst();
    words.add("--no-discover");
    return words.toArray(String[]::new);
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
