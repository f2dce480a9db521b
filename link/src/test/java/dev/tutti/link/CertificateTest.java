package dev.tutti.link;

import static dev.tutti.link.TestMesh.NODE;
import static dev.tutti.link.TestMesh.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.MeshException;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.agent.AgentEnrolment;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.agent.HubAddress;
import dev.tutti.link.agent.TestDial;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.authority.Phase;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Pin;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.Trusting;
import io.vertx.core.Context;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpConnection;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Certificates over real connections, under clocks that are moved.
final class CertificateTest {
  /// A look at the clock, a renewal, and room.
  private static final Duration RENEWED = Duration.ofSeconds(20);

  /// What a heartbeat's time on its way may add to a difference of clocks.
  private static final Duration OFF = Duration.ofSeconds(2);

  private final TestMesh mesh = TestMesh.start();

  @AfterEach
  void close() {
    mesh.close();
  }

  private void moveClocks(Duration by) {
    mesh.hubShift.set(by);
    mesh.agentShift.set(by);
  }

  private static Pin root(Badge badge) {
    return Pin.of(badge.material().chain().getLast());
  }

  @Test
  void a_hub_that_is_not_the_tokens_hears_nothing_of_it() {
    var other =
        Authority.open(new MemoryShelf(), "hub-2", new LoopTime(mesh.owner), new SecureRandom());
    var token = JoinToken.fresh(other.pin(), new SecureRandom());
    Context loop = mesh.loop();
    var enrolment =
        TestMesh.on(
            loop,
            () ->
                AgentEnrolment.start(
                    mesh.vertx,
                    new HubAddress("127.0.0.1", mesh.hub.port()),
                    new AgentEnrolment.Wish("", Optional.of(token), "m", "h", "1"),
                    new LoopTime(loop),
                    new SecureRandom(),
                    _ -> {}));
    Eventually.until("the outcome", SOON, () -> enrolment.outcome().isComplete());
    assertThat(enrolment.outcome().cause())
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("not believed")
        .hasMessageContaining("pin");
  }

  @Test
  void a_certificate_is_renewed_in_time_with_another_key_and_running_answers_go_on() {
    Badge first = mesh.join(NODE, "machine-1");
    var agent = mesh.dial(first, 1, mesh.hub.port());
    agent.offer(2);
    Eventually.until("slots", SOON, () -> mesh.heard.slots.get() == 2);
    agent.engine.plays(new ScriptedEngine.Hang());
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);

    moveClocks(Duration.ofHours(17));

    Eventually.until("the renewal", RENEWED, () -> !agent.badges.isEmpty());
    Badge next = agent.badges.getFirst();
    assertThat(next.uuid()).isEqualTo(first.uuid());
    assertThat(next.material().leaf().getPublicKey())
        .isNotEqualTo(first.material().leaf().getPublicKey());
    Eventually.until(
        "the newer pulse", SOON, () -> mesh.heard.lines.stream().filter(this::isUp).count() == 2);
    Eventually.until("one slot beside the answer", SOON, () -> free() == 1);
    assertThat(answer.over()).isFalse();
    assertThat(agent.engine.running).hasValue(1);
    assertThat(agent.lines).doesNotHave(gaps());
    assertThat(mesh.heard.lines).noneMatch(line -> line.startsWith("disconnected"));
    agent.engine.plays(new ScriptedEngine.Echo());
    // The first one may still find the slot that is just being taken back, and is safe to repeat.
    Eventually.until(
        "an answer on the new connection",
        SOON,
        () -> {
          Answer second = mesh.chat(Answer.reading());
          Eventually.until("its end", SOON, second::over);
          return second.ended;
        });
    assertThat(answer.over()).isFalse();
  }

  private int free() {
    return TestMesh.on(mesh.owner, () -> mesh.hub.freeSlots(NODE, "engine"));
  }

  private boolean isUp(String line) {
    return line.equals("connected virtuoso 1");
  }

  private static org.assertj.core.api.Condition<java.util.List<? extends String>> gaps() {
    return new org.assertj.core.api.Condition<>(
        lines -> lines.stream().anyMatch(line -> line.startsWith("disconnected")), "gaps");
  }

  @Test
  void a_machine_that_slept_for_five_days_renews_and_works() {
    Badge badge = mesh.join(NODE, "machine-1");
    moveClocks(Duration.ofDays(5));
    var agent = mesh.dial(badge, 1, mesh.hub.port());
    Eventually.until("connected", RENEWED, () -> agent.lines.contains("connected"));
    assertThat(agent.badges).hasSize(1);
  }

  @Test
  void an_expired_certificate_is_good_for_nothing_but_its_renewal() {
    Badge badge = mesh.join(NODE, "machine-1");
    mesh.hubShift.set(Duration.ofHours(30));
    var agent = mesh.dial(badge, 1, mesh.hub.port());
    agent.offer(1);
    Eventually.until("refusal", SOON, () -> !agent.lines.isEmpty());
    assertThat(agent.lines.getFirst())
        .isEqualTo("refused certificate: expired (expected: renewed first)");
    Eventually.until("connected after a renewal", RENEWED, () -> mesh.heard.connected);
  }

  @Test
  void after_thirty_days_a_machine_has_to_be_invited_anew_and_is_told_so() {
    Badge badge = mesh.join(NODE, "machine-1");
    moveClocks(Duration.ofDays(32));
    mesh.authority.tend();
    var agent = mesh.dial(badge, 1, mesh.hub.port());
    Eventually.until("refusal", SOON, () -> !agent.lines.isEmpty());
    assertThat(agent.lines.getFirst()).contains("more than 30 days ago").contains("invite");
    assertThat(agent.badges).isEmpty();
    assertThat(mesh.heard.connected).isFalse();
  }

  @Test
  void a_clock_that_jumps_by_ten_years_ends_no_connection_and_takes_no_slot() {
    var agent = mesh.agent(1);
    mesh.hubShift.set(Duration.ofDays(3_650));
    for (int i = 0; i < 3; i++) {
      Answer answer = mesh.chat(Answer.reading());
      Eventually.until("an answer", SOON, answer::over);
      assertThat(answer.ended).isTrue();
      Eventually.until("the slot is back", SOON, () -> free() == 1);
    }
    mesh.hubShift.set(Duration.ofDays(-3_650));
    int before = mesh.heard.heartbeats.get();
    Eventually.until("heartbeats", SOON, () -> mesh.heard.heartbeats.get() >= before + 2);
    assertThat(agent.lines).containsExactly("connected");
  }

  @Test
  void a_hub_whose_clock_is_put_back_soon_after_the_start_renews_and_lets_in() {
    Badge badge = mesh.join(NODE, "machine-1");
    mesh.hubShift.set(Duration.ofHours(-2));
    mesh.authority.tend();
    var agent = mesh.dial(badge, 1, mesh.hub.port());
    Eventually.until("connected", RENEWED, () -> agent.lines.contains("connected"));
    assertThat(agent.lines.getFirst()).contains("not valid yet").contains("are both clocks right?");
    assertThat(agent.badges).hasSize(1);
  }

  @Test
  void slots_that_are_refused_while_the_pulse_goes_on_lead_to_a_renewal_too() {
    var agent = mesh.agent(0);
    Eventually.until("connected", SOON, () -> agent.lines.contains("connected"));
    mesh.hubShift.set(Duration.ofHours(-2));
    agent.offer(1);
    Eventually.until("the slot", RENEWED, () -> free() == 1);
    assertThat(agent.badges).hasSize(1);
    assertThat(agent.lines).doesNotHave(gaps());
  }

  @Test
  void the_hub_hears_how_far_a_nodes_clock_is_off_and_when_that_changes() {
    mesh.agentShift.set(Duration.ofMinutes(20));
    mesh.agent(0);
    Eventually.until("the first word", SOON, () -> mesh.heard.clocks.size() == 1);
    assertThat(mesh.heard.clocks.getFirst().minusMinutes(20)).isBetween(OFF.negated(), OFF);
    mesh.agentShift.set(Duration.ofMinutes(-5));
    Eventually.until("the second word", SOON, () -> mesh.heard.clocks.size() == 2);
    assertThat(mesh.heard.clocks.getLast().plusMinutes(5)).isBetween(OFF.negated(), OFF);
    int beats = mesh.heard.heartbeats.get();
    Eventually.until("more", SOON, () -> mesh.heard.heartbeats.get() >= beats + 2);
    assertThat(mesh.heard.clocks).hasSize(2);
  }

  @Test
  void a_removed_node_loses_its_connections_within_five_seconds_and_stays_outside() {
    Badge badge = mesh.join(NODE, "machine-1");
    HttpConnection open = connect(Optional.of(badge.material()));
    var closed = new AtomicBoolean();
    open.closeHandler(_ -> closed.set(true));
    mesh.remove(NODE);
    Eventually.until("the connection's end", Duration.ofSeconds(5), closed::get);
    var again = mesh.dial(badge, 2, mesh.hub.port());
    Eventually.until("told", SOON, () -> again.lines.contains("removed"));
    assertThat(mesh.heard.connected).isFalse();
  }

  @Test
  void a_removed_node_cannot_renew_its_way_back() {
    Badge badge = mesh.join(NODE, "machine-1");
    mesh.remove(NODE);
    moveClocks(Duration.ofDays(2));
    var agent = mesh.dial(badge, 1, mesh.hub.port());
    Eventually.until("told", RENEWED, () -> agent.lines.contains("removed"));
    assertThat(agent.badges).isEmpty();
  }

  // Held, since a client that nobody holds is closed with all its connections.
  private final HttpClientAgent client = mesh.vertx.createHttpClient(Connections.client());

  private HttpConnection connect(Optional<KeyMaterial> shows) {
    return TestMesh.await(
        TestMesh.on(mesh.loop(), () -> client.connect(TestDial.options(mesh.hub.port(), shows))));
  }

  @Test
  void a_certificate_of_another_authority_ends_the_connection() {
    var other =
        Authority.open(new MemoryShelf(), "hub-1", new LoopTime(mesh.owner), new SecureRandom());
    KeyPair pair = FreshKey.make();
    var issued =
        other.certify(
            mesh.join(NODE, "machine-1").uuid(), Authority.requestedKey(FreshKey.request(pair)));
    var closed = new AtomicBoolean();
    TestMesh.on(
        mesh.loop(),
        () ->
            client
                .connect(
                    TestDial.options(
                        mesh.hub.port(),
                        Optional.of(new KeyMaterial(pair.getPrivate(), issued.chain()))))
                .onFailure(_ -> closed.set(true))
                .onSuccess(made -> made.closeHandler(_ -> closed.set(true))));
    Eventually.until("the connection's end", SOON, closed::get);
  }

  @Test
  void an_id_that_was_never_let_in_is_refused_even_with_our_own_certificate() {
    KeyPair pair = FreshKey.make();
    var issued =
        mesh.authority.certify(UUID.randomUUID(), Authority.requestedKey(FreshKey.request(pair)));
    var agent =
        mesh.dial(
            new Badge(new KeyMaterial(pair.getPrivate(), issued.chain()), issued.pins()),
            1,
            mesh.hub.port());
    Eventually.until("refusal", SOON, () -> !agent.lines.isEmpty());
    assertThat(agent.lines.getFirst()).contains("of nobody known here");
  }

  @Test
  void an_agent_believes_no_hub_of_another_root() {
    Badge badge = mesh.join(NODE, "machine-1");
    try (TestMesh other = TestMesh.start()) {
      var agent = mesh.dial(badge, 1, other.hub.port());
      Eventually.until("distrust", SOON, () -> !agent.lines.isEmpty());
      assertThat(agent.lines.getFirst()).startsWith("disconnected").contains("not believed");
      assertThat(other.heard.lines).isEmpty();
    }
  }

  @Test
  void nothing_older_than_tls_1_3_is_spoken() throws Exception {
    try (var socket =
        (SSLSocket)
            Trusting.context().getSocketFactory().createSocket("127.0.0.1", mesh.hub.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThatThrownBy(socket::startHandshake)
          .isInstanceOfAny(SSLException.class, IOException.class);
    }
  }

  /// Goes one step on and waits until the agent has a badge as it should be then.
  private Badge follow(TestMesh.TestAgent agent, Phase phase, Predicate<Badge> fits) {
    int before = agent.badges.size();
    assertThat(mesh.authority.onward(Instant.EPOCH).phase()).isEqualTo(phase);
    TestMesh.on(
        mesh.owner,
        () -> {
          mesh.hub.wantRenewals();
          return true;
        });
    Eventually.until(
        "the renewal", RENEWED, () -> agent.badges.stream().skip(before).anyMatch(fits));
    return agent.badges.stream().skip(before).filter(fits).findFirst().orElseThrow();
  }

  @Test
  void a_root_takes_over_from_another_step_by_step_and_nobody_is_left_outside() {
    var agent = mesh.agent(1);
    Pin old = mesh.authority.pin();
    String token =
        TestMesh.on(mesh.owner, () -> mesh.enrolment.invite(NODE, NodeRole.LLM_WORKER).token());

    Badge introduced = follow(agent, Phase.INTRODUCED, badge -> badge.pins().size() == 2);
    assertThat(introduced.pins()).hasSize(2).contains(old);
    assertThat(root(introduced)).isEqualTo(old);

    Badge moved = follow(agent, Phase.NODES_MOVE, badge -> !root(badge).equals(old));
    assertThat(root(moved)).isNotEqualTo(old);
    assertThat(mesh.authority.pin()).isEqualTo(old);

    follow(agent, Phase.HUB_MOVES, _ -> true);
    assertThat(mesh.authority.pin()).isEqualTo(root(moved)).isNotEqualTo(old);

    Badge last = follow(agent, Phase.STEADY, badge -> badge.pins().size() == 1);
    assertThat(last.pins()).containsExactly(root(moved));
    assertThat(JoinToken.parse(token).pin()).isEqualTo(old);
    Eventually.until("the slot", SOON, () -> free() == 1);
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("an answer", SOON, answer::over);
    assertThat(answer.ended).isTrue();
    assertThat(agent.lines).doesNotHave(gaps());

    var stale = mesh.dial(introduced, 9, mesh.hub.port());
    Eventually.until("the old badge's end", SOON, () -> !stale.lines.isEmpty());
    assertThat(stale.lines.getFirst()).startsWith("disconnected");
  }
}
