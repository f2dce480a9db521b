package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// Invited, joined, at work, sent away: with the program as it is shipped.
class CertificateE2eTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private static List<String> invitation(TuttiProcess hub, TuttiProcess.Place place) {
    var said = TuttiProcess.run(place, "--url", hub.url(), "node", "invite", "--name", "virtuoso");
    assertThat(said.code()).as(said.toString()).isZero();
    assertThat(said.out()).contains("agent join https://").contains("tutti1.");
    var words = new ArrayList<>(List.of(said.out().strip().replaceFirst("^tutti ", "").split(" ")));
    words.add("--no-discover");
    return words;
  }

  private static TuttiProcess start(TuttiProcess.Place place, List<String> words) {
    return TuttiProcess.start(place, words.toArray(String[]::new));
  }

  private static boolean isConnected(TuttiProcess hub, TuttiProcess.Place place) {
    var said = TuttiProcess.run(place, "--url", hub.url(), "node", "list", "--json");
    return JsonMapper.shared()
        .readTree(said.out())
        .path("nodes")
        .valueStream()
        .anyMatch(node ->
            node.path("node_id").asString("").equals("virtuoso")
                && node.path("connected").booleanValue());
  }

  @Test
  void a_machine_joins_survives_its_hubs_restart_and_is_sent_away_for_good() throws IOException {
    var atHub = TuttiProcess.Place.fresh();
    var atNode = TuttiProcess.Place.fresh();
    var elsewhere = TuttiProcess.Place.fresh();
    TuttiProcess hub = TuttiProcess.hub(atHub, "--no-discover");
    List<String> words = invitation(hub, atHub);
    TuttiProcess agent = start(atNode, words);
    try (agent) {
      assertThat(agent.waitFor("ready")).isEqualTo("virtuoso");
      Path membership = atNode.home().resolve("membership");
      assertThat(Files.getPosixFilePermissions(membership))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));

      var replayed = TuttiProcess.run(elsewhere, words.toArray(String[]::new));
      assertThat(replayed.code()).isEqualTo(1);
      assertThat(replayed.err()).contains("token: unknown, used or expired");

      String nodePort =
          hub.log()
              .lines()
              .map(String::strip)
              .filter(line -> line.startsWith("nodes "))
              .map(line -> line.substring("nodes ".length()))
              .findFirst()
              .orElseThrow();
      hub.close();
      hub =
          TuttiProcess.start(
              atHub,
              "up",
              "--port",
              "0",
              "--node-port",
              nodePort,
              "--grpc-port",
              "0",
              "--no-discover");
      TuttiProcess again = hub;
      again.url();
      Eventually.until("connected again", PATIENCE, () -> isConnected(again, atHub));

      String kept = Files.readString(membership);
      var removed = TuttiProcess.run(atHub, "--url", hub.url(), "node", "revoke", "virtuoso");
      assertThat(removed.code()).as(removed.toString()).isZero();
      assertThat(agent.exit()).isEqualTo(6);
      assertThat(agent.log()).contains("the hub's owner removed this node");
      assertThat(membership).doesNotExist();

      var written = TuttiProcess.run(atHub, "audit", "show");
      assertThat(written.out()).contains("node.invite", "node.join", "node.remove", "virtuoso");
      var checked = TuttiProcess.run(atHub, "audit", "verify");
      assertThat(checked.code()).as(checked.toString()).isZero();

      Files.writeString(membership, kept);
      var stolen = TuttiProcess.run(atNode, "agent", "run", "--no-discover");
      assertThat(stolen.code()).isEqualTo(6);
      assertThat(isConnected(hub, atHub)).isFalse();
    } finally {
      hub.close();
      hub.forget();
      agent.forget();
    }
  }

  @Test
  void a_token_of_one_hub_tells_another_nothing() {
    var here = TuttiProcess.Place.fresh();
    var there = TuttiProcess.Place.fresh();
    TuttiProcess mine = TuttiProcess.hub(here, "--no-discover");
    TuttiProcess other = TuttiProcess.hub(there, "--no-discover");
    try (mine;
        other) {
      List<String> words = invitation(mine, here);
      words.set(2, invitation(other, there).get(2));
      var said = TuttiProcess.run(TuttiProcess.Place.fresh(), words.toArray(String[]::new));
      assertThat(said.code()).isEqualTo(1);
      assertThat(said.err()).contains("is not believed").contains("pin");
      assertThat(other.log()).doesNotContain("Join refused");
    }
    mine.forget();
    other.forget();
  }
}
