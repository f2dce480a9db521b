package dev.tutti.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.testkit.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two network namespaces joined by a cable of their own, so that nothing of the real LAN is heard
/// or disturbed. Needs the right to make them.
class MdnsInNamespacesTest {
  private static final String PID = Long.toString(ProcessHandle.current().pid());
  private static final String HUB = "tutti-h" + PID;
  private static final String NODE = "tutti-n" + PID;
  private static final String HUB_IP = "10.213.7.1";
  private static final String NODE_IP = "10.213.7.2";

  private final List<Ended> processes = new ArrayList<>();

  /// A process of the test and what it said.
  private record Ended(Process process, List<String> said) {
    boolean heard(String beginning) {
      return said.stream().anyMatch(line -> line.startsWith(beginning));
    }
  }

  @BeforeEach
  void make_namespaces() {
    assumeTrue(
        run("ip", "netns", "add", HUB) == 0,
        "skipped: no right to make network namespaces (expected: root on Linux with iproute2)");
    must("ip", "netns", "add", NODE);
    must(
        "ip", "link", "add", "lan0", "netns", HUB, "type", "veth", "peer", "name", "lan0", "netns",
        NODE);
    configure(HUB, HUB_IP);
    configure(NODE, NODE_IP);
  }

  private static void configure(String namespace, String ip) {
    must("ip", "-n", namespace, "addr", "add", ip + "/24", "dev", "lan0");
    must("ip", "-n", namespace, "link", "set", "lo", "up");
    must("ip", "-n", namespace, "link", "set", "lan0", "up");
    must("ip", "-n", namespace, "route", "add", "224.0.0.0/4", "dev", "lan0");
  }

  @AfterEach
  void remove_namespaces() {
    processes.forEach(each -> each.process().destroyForcibly());
    run("ip", "netns", "del", HUB);
    run("ip", "netns", "del", NODE);
  }

  @Test
  void an_advert_is_found_within_five_seconds_and_its_end_is_noticed() throws IOException {
    var search = start(NODE, "search", NODE_IP);
    Eventually.until("the search", Duration.ofSeconds(20), () -> search.heard("started"));
    var advert = start(HUB, "advert", HUB_IP);
    Eventually.until("the advert", Duration.ofSeconds(20), () -> advert.heard("started"));
    Eventually.until("the suggestion", Duration.ofSeconds(5), () -> search.heard("found"));
    assertThat(search.said())
        .contains(
            "found HubNotice[hubId=bob, version=0.1.0, port=8766, path=/nodes] at "
                + HUB_IP
                + ":8766");
    advert.process().getOutputStream().close();
    Eventually.until("the goodbye", Duration.ofSeconds(10), () -> search.heard("vanished"));
    assertThat(search.said()).contains("vanished " + HUB_IP + ":8766");
  }

  @Test
  void a_search_that_begins_later_finds_what_is_already_announced() {
    var advert = start(HUB, "advert", HUB_IP);
    Eventually.until("the advert", Duration.ofSeconds(20), () -> advert.heard("started"));
    var search = start(NODE, "search", NODE_IP);
    Eventually.until("the search", Duration.ofSeconds(20), () -> search.heard("started"));
    Eventually.until("the suggestion", Duration.ofSeconds(5), () -> search.heard("found"));
  }

  @Test
  void packets_that_are_none_deafen_neither_a_search_nor_an_advert() {
    var search = start(NODE, "search", NODE_IP);
    Eventually.until("the search", Duration.ofSeconds(20), () -> search.heard("started"));
    var other = start(HUB, "search", HUB_IP);
    Eventually.until("the other", Duration.ofSeconds(20), () -> other.heard("started"));
    var shouting = start(HUB, "shout", HUB_IP);
    Eventually.until("the shouting", Duration.ofSeconds(40), () -> shouting.heard("started"));
    var advert = start(HUB, "advert", HUB_IP);
    Eventually.until("the advert", Duration.ofSeconds(20), () -> advert.heard("started"));
    String found = "found HubNotice[hubId=bob, version=0.1.0, port=8766, path=/nodes] at " + HUB_IP;
    Eventually.until("the suggestion", Duration.ofSeconds(10), () -> search.heard(found));

    var again = start(NODE, "shout", NODE_IP);
    Eventually.until("shouting again", Duration.ofSeconds(40), () -> again.heard("started"));
    var late = start(NODE, "search", NODE_IP);
    Eventually.until("the advert answers", Duration.ofSeconds(20), () -> late.heard(found));
  }

  private Ended start(String namespace, String role, String ip) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        List.of(
            "ip",
            "netns",
            "exec",
            namespace,
            java,
            "-cp",
            System.getProperty("java.class.path"),
            "-Djava.net.preferIPv4Stack=true",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            MdnsProcess.class.getName(),
            role,
            ip);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var ended = new Ended(process, new CopyOnWriteArrayList<>());
      processes.add(ended);
      Thread.ofVirtual()
          .start(() -> {
            try (BufferedReader lines = process.inputReader()) {
              lines.lines().forEach(ended.said()::add);
            } catch (IOException | java.io.UncheckedIOException _) {
              // It was ended.
            }
          });
      return ended;
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }

  private static void must(String... command) {
    int code = run(command);
    if (code != 0) {
      throw new AssertionError(String.join(" ", command) + " gave " + code + " (expected: 0)");
    }
  }

  private static int run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (IOException _) {
      return -1;
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }
}
