package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Two machines on one cable, as network namespaces: an agent that was told no address finds the
/// hub and is let in by hand. Needs root on Linux; skipped elsewhere.
class MdnsJoinTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String HUB_NET = "tutti-hub-" + ProcessHandle.current().pid();
  private static final String NODE_NET = "tutti-node-" + ProcessHandle.current().pid();
  private static final String NODE = "newcomer";

  @BeforeEach
  void connect() {
    Assumptions.assumeTrue(
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("user.name").equals("root"),
        "no network namespaces (expected: root on Linux)");
    try {
      ip("netns", "add", HUB_NET);
      ip("netns", "add", NODE_NET);
      ip(
          "link", "add", "lan", "netns", HUB_NET, "type", "veth", "peer", "name", "lan", "netns",
          NODE_NET);
    } catch (AssertionError e) {
      remove();
      Assumptions.abort("no network namespaces: " + e.getMessage());
    }
    address(HUB_NET, "10.77.1.1/24");
    address(NODE_NET, "10.77.1.2/24");
  }

  @AfterEach
  void disconnect() {
    remove();
  }

  @Test
  void an_agent_without_an_address_finds_the_hub_and_is_let_in_by_hand() {
    var atHub = TuttiProcess.Place.fresh().behind("ip", "netns", "exec", HUB_NET);
    var atNode = TuttiProcess.Place.fresh().behind("ip", "netns", "exec", NODE_NET);
    TuttiProcess hub = TuttiProcess.hub(atHub, "--lan");
    try (hub) {
      String key = hub.waitFor("key");
      assertThat(hub.output()).filteredOn(line -> line.startsWith("key")).hasSize(1);
      String[] asOwner = {"--url", hub.url(), "--key", key};
      TuttiProcess agent =
          TuttiProcess.start(atNode, "agent", "run", "--name", NODE, "--no-discover");
      try (agent) {
        assertThat(agent.waitFor("pending")).isEqualTo(NODE);
        assertThat(node(atHub, asOwner).orElseThrow().path("pending").booleanValue()).isTrue();
        assertThat(agent.output()).noneMatch(line -> line.startsWith("ready"));

        var approved = run(atHub, asOwner, "node", "approve", NODE);

        assertThat(approved.code()).as(approved.toString()).isZero();
        assertThat(agent.waitFor("ready")).isEqualTo(NODE);
        Eventually.until(
            "the node is connected",
            PATIENCE,
            () ->
                node(atHub, asOwner)
                    .filter(each -> each.path("connected").booleanValue())
                    .filter(each -> !each.path("pending").booleanValue())
                    .isPresent());
      } catch (AssertionError e) {
        throw new AssertionError("agent:\n" + agent.log() + "\nhub:\n" + hub.log(), e);
      }
      agent.forget();
    }
    hub.forget();
  }

  private static Optional<JsonNode> node(TuttiProcess.Place place, String... asOwner) {
    var listed = run(place, asOwner, "node", "list", "--json");
    assertThat(listed.code()).as(listed.toString()).isZero();
    return JsonMapper.shared()
        .readTree(listed.out())
        .path("nodes")
        .valueStream()
        .filter(each -> each.path("node_id").asString("").equals(NODE))
        .findFirst();
  }

  private static TuttiProcess.Said run(TuttiProcess.Place place, String[] before, String... words) {
    var all = new ArrayList<>(List.of(before));
    all.addAll(List.of(words));
    return TuttiProcess.run(place, all.toArray(String[]::new));
  }

  private static void address(String net, String address) {
    ip("-n", net, "link", "set", "lo", "up");
    ip("-n", net, "address", "add", address, "dev", "lan");
    ip("-n", net, "link", "set", "lan", "up");
    ip("-n", net, "route", "add", "224.0.0.0/4", "dev", "lan");
  }

  /// Both namespaces and the cable between them; what is not there is no matter.
  private static void remove() {
    for (String net : List.of(HUB_NET, NODE_NET)) {
      call("netns", "delete", net);
    }
  }

  private static void ip(String... words) {
    String trouble = call(words);
    if (!trouble.isEmpty()) {
      throw new AssertionError("ip " + String.join(" ", words) + ": " + trouble);
    }
  }

  /// @return what went wrong, or nothing
  private static String call(String... words) {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      return code == 0 ? "" : "exit " + code + " " + said.strip();
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
