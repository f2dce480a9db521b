package dev.tutti.link;

import static dev.tutti.link.TestMesh.NODE;
import static dev.tutti.link.TestMesh.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.agent.AgentEnrolment;
import dev.tutti.link.agent.AgentIdentity;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.agent.HubAddress;
import dev.tutti.link.hub.Enrolment;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.testkit.Eventually;
import io.vertx.core.Context;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
  private final TestMesh mesh = TestMesh.start();
  private final List<String> codes = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    mesh.close();
  }

  private AgentEnrolment enrol(String name, String token, int port) {
    Context loop = mesh.loop();
    return TestMesh.on(
        loop,
        () ->
            AgentEnrolment.start(
                mesh.vertx,
                new HubAddress("127.0.0.1", port),
                new AgentEnrolment.Wish(
                    name,
                    Optional.of(token).filter(text -> !text.isEmpty()).map(JoinToken::parse),
                    "machine-1",
                    "host",
                    "1"),
                new LoopTime(loop, mesh.agentShift),
                new SecureRandom(),
                codes::add));
  }

  private AgentEnrolment enrol(String name, String token) {
    return enrol(name, token, mesh.hub.port());
  }

  private String token() {
    return TestMesh.on(mesh.owner, () -> mesh.enrolment.invite(NODE, NodeRole.LLM_WORKER).token());
  }

  private static FailureCode failure(AgentEnrolment enrolment) {
    Eventually.until("the outcome", SOON, () -> enrolment.outcome().isComplete());
    assertThat(enrolment.outcome().cause()).isInstanceOf(MeshException.class);
    return ((MeshException) enrolment.outcome().cause()).failure().code();
  }

  @Test
  void with_a_token_an_agent_joins_and_then_connects() {
    var joined = TestMesh.await(enrol("", token()).outcome());
    assertThat(joined.node()).isEqualTo(NODE);
    assertThat(joined.hubId()).isEqualTo("hub-1");
    var agent = mesh.dial(joined.badge(), 1, mesh.hub.port());
    Eventually.until("connected", SOON, () -> agent.lines.contains("connected"));
    Eventually.until("the report", SOON, () -> !mesh.heard.reports.isEmpty());
    assertThat(mesh.heard.reports.getFirst()).isEqualTo(TestMesh.report("engine"));
  }

  @Test
  void a_used_token_is_refused() {
    String token = token();
    TestMesh.await(enrol("", token).outcome());
    assertThat(failure(enrol("", token))).isEqualTo(FailureCode.FORBIDDEN);
  }

  @Test
  void without_a_token_an_agent_waits_until_somebody_approves() {
    var enrolment = enrol("virtuoso", "");
    Eventually.until("waiting", SOON, () -> codes.size() == 1);
    Eventually.until("the hub's code", SOON, () -> pending().size() == 1);
    assertThat(pending().getFirst().code()).isEqualTo(codes.getFirst()).matches("\\d{3} \\d{3}");
    TestMesh.on(mesh.owner, () -> mesh.enrolment.approve(NODE, NodeRole.LLM_WORKER));
    var joined = TestMesh.await(enrolment.outcome());
    assertThat(joined.node()).isEqualTo(NODE);
    assertThat(codes).hasSize(1);
  }

  @Test
  void a_denied_agent_is_told() {
    var enrolment = enrol("virtuoso", "");
    Eventually.until("waiting", SOON, () -> codes.size() == 1);
    Eventually.until("the hub's code", SOON, () -> pending().size() == 1);
    TestMesh.on(mesh.owner, () -> mesh.enrolment.deny(NODE));
    assertThat(failure(enrolment)).isEqualTo(FailureCode.FORBIDDEN);
  }

  @Test
  void with_a_token_and_no_hub_it_fails_at_once() {
    int port = mesh.hub.port();
    String token = token();
    TestMesh.await(mesh.hub.close());
    assertThat(failure(enrol("", token, port))).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
  }

  @Test
  void an_agent_whose_name_was_given_anew_is_refused_and_gets_no_slot() {
    Badge old = mesh.join(NODE, "machine-1");
    mesh.join(NODE, "machine-1");
    var agent = mesh.dial(old, 1, mesh.hub.port());
    agent.offer(2);
    Eventually.until("refusal", SOON, () -> !agent.lines.isEmpty());
    assertThat(agent.lines.getFirst()).startsWith("refused certificate: of nobody known here");
    assertThat(mesh.heard.lines).isEmpty();
    assertThat(mesh.heard.slots).hasValue(0);
  }

  @Test
  void a_copy_on_another_machine_is_refused() {
    Badge badge = mesh.join(NODE, "machine-1");
    var agent = mesh.dial(badge, new AgentIdentity(NODE, "machine-2", 5, "1"), mesh.hub.port());
    Eventually.until("refusal", SOON, () -> !agent.lines.isEmpty());
    assertThat(agent.lines.getFirst()).contains("another machine");
    assertThat(mesh.heard.connected).isFalse();
  }

  @Test
  void a_newer_start_of_the_agent_replaces_the_older_and_not_the_other_way_round() {
    Badge badge = mesh.join(NODE, "machine-1");
    var older = mesh.dial(badge, 1, mesh.hub.port());
    older.offer(2);
    Eventually.until("slots", SOON, () -> mesh.heard.slots.get() == 2);
    var newer = mesh.dial(badge, 2, mesh.hub.port());
    Eventually.until("connected", SOON, () -> newer.lines.contains("connected"));
    Eventually.until(
        "the older's refusal",
        SOON,
        () -> older.lines.stream().anyMatch(line -> line.contains("newer agent")));
    assertThat(newer.lines).containsExactly("connected");
    Eventually.until("the older's slots gone", SOON, () -> mesh.heard.slots.get() == 0);
    newer.offer(3);
    Eventually.until("the newer's slots", SOON, () -> mesh.heard.slots.get() == 3);
  }

  @Test
  void a_removed_node_is_told_loses_everything_and_stays_away() {
    var agent = mesh.agent(2);
    agent.engine.plays(new ScriptedEngine.Hang());
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);
    mesh.remove(NODE);
    Eventually.until("told", SOON, () -> agent.lines.contains("removed"));
    Eventually.until("the exchange's end", SOON, answer::over);
    Eventually.until("the engine to stop", SOON, () -> agent.engine.running.get() == 0);
    assertThat(mesh.heard.connected).isFalse();
    assertThat(TestMesh.on(mesh.owner, () -> mesh.hub.freeSlots(NODE, "engine"))).isZero();
  }

  @Test
  void heartbeats_come_while_the_agent_lives() {
    mesh.agent(1);
    int before = mesh.heard.heartbeats.get();
    Eventually.until("three more", SOON, () -> mesh.heard.heartbeats.get() >= before + 3);
    assertThat(mesh.heard.lines).containsExactly("connected virtuoso 1");
  }

  @Test
  void a_forgotten_node_is_refused() {
    Badge badge = mesh.join(NODE, "machine-1");
    TestMesh.on(
        mesh.owner,
        () -> {
          mesh.enrolment.forget(NODE);
          return true;
        });
    var agent = mesh.dial(badge, 1, mesh.hub.port());
    Eventually.until("refusal", SOON, () -> !agent.lines.isEmpty());
    assertThat(agent.lines.getFirst()).startsWith("refused");
  }

  @Test
  void an_agent_is_who_its_certificate_says_whatever_it_calls_itself() {
    Badge badge = mesh.join(NODE, "machine-1");
    mesh.dial(badge, new AgentIdentity(new NodeId("bob"), "machine-1", 1, "1"), mesh.hub.port());
    Eventually.until("connected", SOON, () -> mesh.heard.connected);
    assertThat(mesh.heard.lines).containsExactly("connected virtuoso 1");
  }

  private List<Enrolment.PendingNode> pending() {
    return TestMesh.on(mesh.owner, mesh.enrolment::pending);
  }
}
