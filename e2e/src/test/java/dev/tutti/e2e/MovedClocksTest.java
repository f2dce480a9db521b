package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.e2e.StreamedChat.Ending;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.math.BigInteger;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A hub and its machines over hours, days and weeks, which pass in seconds: real processes whose
/// wall clocks are moved.
class MovedClocksTest {
  private static final Duration PATIENCE = MovedMesh.PATIENCE;

  /// Within this a node that was sent away has lost everything.
  private static final Duration GONE_WITHIN = Duration.ofSeconds(5);

  /// Words that take longer than a renewal: fourteen seconds.
  private static final int LONG_TOKENS = 350;

  /// How long a machine that must not get in is watched.
  private static final Duration WATCHED = Duration.ofSeconds(3);

  @TempDir private Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    http.shutdownNow();
  }

  private CompletableFuture<StreamedChat.Reply> stream(MovedMesh mesh, MovedMesh.Node node) {
    return CompletableFuture.supplyAsync(
        () -> StreamedChat.ask(http, mesh.url(), node.model(), LONG_TOKENS),
        task -> Thread.ofVirtual().name("client").start(task));
  }

  /// Waits, and asks all the while.
  ///
  /// @return the statuses that came
  private static Set<Integer> askUntil(
      MovedMesh mesh, MovedMesh.Node node, String what, java.util.function.BooleanSupplier done) {
    Set<Integer> statuses = ConcurrentHashMap.newKeySet();
    try {
      Eventually.until(
          what,
          PATIENCE,
          () -> {
            statuses.add(node.ask());
            return done.getAsBoolean();
          });
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + mesh.story(), e);
    }
    return statuses;
  }

  private static void says(TuttiProcess process, String words) {
    try {
      Eventually.until("\"" + words + "\"", PATIENCE, () -> process.log().contains(words));
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + process.log(), e);
    }
  }

  private static void staysOutside(MovedMesh.Node node) {
    Instant end = Instant.now().plus(WATCHED);
    Eventually.until(
        "the time is over",
        WATCHED.multipliedBy(2),
        () -> {
          if (node.isConnected()) {
            throw new IllegalStateException(node.name + ": connected (expected: outside)");
          }
          return Instant.now().isAfter(end);
        });
  }

  @Test
  void an_invitation_is_over_after_a_quarter_of_an_hour_of_the_clock() {
    try (var mesh = MovedMesh.start(folder)) {
      var node = mesh.machine("virtuoso");
      List<String> old = mesh.invite("virtuoso");
      mesh.move(Duration.ofMinutes(16));
      var late = node.type(old);
      assertThat(late.exit()).isEqualTo(1);
      assertThat(late.log()).contains("token: unknown, used or expired").contains("node invite");

      List<String> kept = mesh.invite("virtuoso");
      mesh.stopHub();
      mesh.move(Duration.ofMinutes(27));
      mesh.startHub();
      node.type(kept);
      mesh.await(node);
      assertThat(node.ask()).isEqualTo(200);
    }
  }

  @Test
  void a_certificate_is_renewed_after_seventeen_hours_and_no_client_notices() {
    try (var mesh = MovedMesh.start(folder, "virtuoso")) {
      var node = mesh.node("virtuoso");
      BigInteger first = node.serial();
      var answer = stream(mesh, node);

      mesh.move(Duration.ofHours(17));
      var during = askUntil(mesh, node, "the renewal", () -> !node.serial().equals(first));
      var after = askUntil(mesh, node, "the stream's end", answer::isDone);

      assertThat(during).containsExactly(200);
      assertThat(after).containsExactly(200);
      assertThat(answer.join().ending()).as(answer.join().detail()).isEqualTo(Ending.COMPLETE);
      assertThat(mesh.hub().log()).doesNotContain("A node is disconnected");
      assertThat(node.agent().log()).doesNotContain("out of reach");
    }
  }

  @Test
  void a_machine_may_be_away_for_twenty_days_but_not_for_thirty_two() {
    try (var mesh = MovedMesh.start(folder, "virtuoso")) {
      var node = mesh.node("virtuoso");
      BigInteger first = node.serial();
      String hubUntil = mesh.authority().path("hub_until").asString();
      node.stop();
      mesh.move(Duration.ofDays(20));
      node.run();
      mesh.await(node);
      assertThat(node.serial()).isNotEqualTo(first);
      assertThat(node.ask()).isEqualTo(200);
      Eventually.until(
          "the hub's own renewal",
          PATIENCE,
          () -> !mesh.authority().path("hub_until").asString().equals(hubUntil));

      node.stop();
      mesh.move(Duration.ofDays(52));
      var refused = node.run();
      says(refused, "expired more than 30 days ago (expected: invite this machine anew");
      staysOutside(node);
      node.stop();

      node.type(mesh.invite("virtuoso"));
      mesh.await(node);
      assertThat(node.ask()).isEqualTo(200);
    }
  }

  @Test
  void a_hub_that_was_away_for_an_hour_or_a_day_loses_nobody() {
    try (var mesh = MovedMesh.start(folder, "first", "second", "third")) {
      var nodes = List.of(mesh.node("first"), mesh.node("second"), mesh.node("third"));
      List<Long> processes = nodes.stream().map(node -> node.agent().pid()).toList();
      for (Duration away : List.of(Duration.ofHours(1), Duration.ofHours(26))) {
        mesh.stopHub();
        mesh.move(away);
        mesh.startHub();
        mesh.awaitAll();
        assertThat(nodes).extracting(MovedMesh.Node::ask).containsOnly(200);
      }
      assertThat(nodes).extracting(node -> node.agent().pid()).isEqualTo(processes);
      assertThat(mesh.view().nodes().size()).as("the hub's own and theirs").isEqualTo(4);
    }
  }

  private static String phase(MovedMesh mesh, String step) {
    return mesh.document("ca", step, "--json").path("phase").asString();
  }

  private static List<String> behind(MovedMesh mesh) {
    return mesh.authority().path("behind").valueStream().map(JsonNode::asString).toList();
  }

  private static void follow(MovedMesh mesh, String... exceptFor) {
    try {
      Eventually.until(
          "everybody follows", PATIENCE, () -> behind(mesh).equals(List.of(exceptFor)));
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + behind(mesh) + mesh.story(), e);
    }
  }

  @Test
  void a_root_is_replaced_over_weeks_while_a_machine_comes_and_goes() {
    try (var mesh = MovedMesh.start(folder, "away", "near")) {
      var near = mesh.node("near");
      var away = mesh.node("away");
      var old = near.root();
      String oldPin = mesh.authority().path("pin").asString();
      away.stop();

      assertThat(phase(mesh, "rotate")).isEqualTo("introduced");
      follow(mesh, "away");
      var tooSoon = mesh.cli("ca", "rotate");
      assertThat(tooSoon.code()).isNotZero();
      assertThat(tooSoon.err()).contains("have not followed yet: away");

      mesh.move(Duration.ofDays(3));
      away.run();
      follow(mesh);
      assertThat(phase(mesh, "rotate")).isEqualTo("nodes-move");
      follow(mesh);
      Eventually.until(
          "both have it from the new root",
          PATIENCE,
          () -> !near.root().equals(old) && near.root().equals(away.root()));

      // A clock that is put back in the midst of it must not make anybody follow for ever.
      mesh.move(Duration.ofDays(2));
      assertThat(phase(mesh, "rollback")).isEqualTo("introduced");
      follow(mesh);
      Eventually.until("the old root's again", PATIENCE, () -> near.root().equals(old));
      mesh.move(Duration.ofDays(6));
      assertThat(phase(mesh, "rotate")).isEqualTo("nodes-move");
      follow(mesh);

      away.stop();
      assertThat(phase(mesh, "rotate")).isEqualTo("hub-moves");
      mesh.move(Duration.ofDays(16));
      away.run();
      follow(mesh);
      assertThat(phase(mesh, "rotate")).isEqualTo("steady");
      Eventually.until(
          "the old root is forgotten",
          PATIENCE,
          () -> near.pins().size() == 1 && away.pins().size() == 1);
      assertThat(near.pins()).isEqualTo(away.pins()).doesNotContain(oldPin);

      mesh.stopHub();
      mesh.startHub();
      mesh.awaitAll();
      assertThat(near.ask()).isEqualTo(200);
      assertThat(away.ask()).isEqualTo(200);
      var checked = TuttiProcess.run(mesh.atHub(), "audit", "verify");
      assertThat(checked.code()).as(checked.toString()).isZero();
    }
  }

  @Test
  void a_machine_that_was_sent_away_is_out_at_once_and_for_good() throws IOException {
    try (var mesh = MovedMesh.start(folder, "virtuoso")) {
      var node = mesh.node("virtuoso");
      String kept = Files.readString(node.membership());
      var answer = stream(mesh, node);
      Eventually.until(
          "it works",
          PATIENCE,
          () -> node.seen().orElseThrow().path("active_tasks").intValue() > 0);

      assertThat(mesh.cli("node", "revoke", "virtuoso").code()).isZero();
      Instant revoked = Instant.now();
      assertThat(node.agent().exit()).isEqualTo(6);
      assertThat(answer.join().failed()).isTrue();
      assertThat(Duration.between(revoked, Instant.now())).isLessThan(GONE_WITHIN);

      mesh.stopHub();
      mesh.move(Duration.ofHours(20));
      mesh.startHub();
      for (Duration later : List.of(Duration.ofHours(20), Duration.ofDays(25))) {
        mesh.move(later);
        Files.writeString(node.membership(), kept);
        assertThat(node.run().exit()).isEqualTo(6);
        assertThat(node.agent().log()).contains("the hub's owner removed this node");
        assertThat(node.isConnected()).isFalse();
      }
    }
  }

  /// What the doctor says of clocks, by the names of its findings.
  private static Map<String, String> clocks(MovedMesh mesh) {
    var said = mesh.cli("doctor", "--json");
    return HubApi.parse(said.out())
        .path("findings")
        .valueStream()
        .filter(finding -> finding.path("id").asString().endsWith("clock"))
        .collect(
            Collectors.toMap(
                finding -> finding.path("id").asString(),
                finding -> finding.path("cause").asString()));
  }

  @Test
  void a_node_whose_clock_is_wrong_works_where_it_can_and_is_told_where_it_cannot() {
    try (var mesh = MovedMesh.start(folder, "virtuoso")) {
      var node = mesh.node("virtuoso");
      assertThat(clocks(mesh))
          .containsEntry("node.clock", "the clocks of 1 node and the hub agree");

      // Two hours late: at work, and after a start.
      mesh.nodeClock.set(Duration.ofHours(-2));
      var during =
          askUntil(
              mesh,
              node,
              "the hub sees it",
              () -> node.seen().orElseThrow().path("clock_ahead_s").intValue() < -7_000);
      assertThat(during).containsExactly(200);
      assertThat(clocks(mesh).get("node.clock"))
          .matches("virtuoso's clock is (2 h 0|1 h 59) min behind the hub's");
      node.stop();
      node.run();
      mesh.await(node);

      // In another year: what runs goes on; after a start it believes no hub and says why.
      mesh.nodeClock.set(Duration.ofDays(-365));
      assertThat(node.ask()).isEqualTo(200);
      node.stop();
      var doubting = node.run();
      says(doubting, "are both clocks right?");
      staysOutside(node);

      mesh.nodeClock.set(Duration.ZERO);
      mesh.await(node);
      assertThat(node.ask()).isEqualTo(200);
    }
  }

  @Test
  void
      a_hub_whose_clock_is_put_back_keeps_its_nodes_through_a_restart_and_when_it_is_right_again() {
    try (var mesh = MovedMesh.start(folder, "virtuoso")) {
      var node = mesh.node("virtuoso");
      mesh.hubClock.set(Duration.ofHours(-2));
      var during =
          askUntil(
              mesh,
              node,
              "the hub sees it",
              () -> node.seen().orElseThrow().path("clock_ahead_s").intValue() > 7_000);
      assertThat(during).containsExactly(200);
      node.stop();
      node.run();
      mesh.await(node);

      mesh.stopHub();
      mesh.startHub();
      mesh.await(node);
      assertThat(node.ask()).isEqualTo(200);

      mesh.hubClock.set(Duration.ZERO);
      node.stop();
      node.run();
      mesh.await(node);
      assertThat(node.ask()).isEqualTo(200);
    }
  }
}
