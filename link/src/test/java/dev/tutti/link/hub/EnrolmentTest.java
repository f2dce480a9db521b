package dev.tutti.link.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.hub.NodeAdmission.Application;
import dev.tutti.link.hub.NodeAdmission.Approved;
import dev.tutti.link.hub.NodeAdmission.Decision;
import dev.tutti.link.hub.NodeAdmission.Invited;
import dev.tutti.link.hub.NodeAdmission.Known;
import dev.tutti.link.hub.NodeAdmission.OtherMachine;
import dev.tutti.link.hub.NodeAdmission.Pending;
import dev.tutti.link.hub.NodeAdmission.Refused;
import dev.tutti.link.hub.NodeAdmission.Removed;
import dev.tutti.link.hub.NodeAdmission.Unasked;
import dev.tutti.link.hub.NodeAdmission.Unknown;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.link.trust.Pin;
import dev.tutti.link.trust.Proof;
import dev.tutti.link.trust.SafetyCode;
import dev.tutti.link.trust.Seal;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class EnrolmentTest {
  private static final NodeId NODE = new NodeId("maestro");
  private static final Pin PIN = new Pin("p".repeat(43));
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final ByteString KEY = ByteString.copyFromUtf8("the newcomer's key");
  private static final ByteString REQUEST = ByteString.copyFromUtf8("the newcomer's request");
  private static final ByteString EXPORTER = ByteString.copyFrom(new byte[32]);
  private static final byte[] NUMBER = new byte[SafetyCode.NUMBER_BYTES];

  /// A log in memory.
  private static final class InMemory implements EnrolmentLog {
    private final Map<NodeId, NodeRecord> nodes = new HashMap<>();
    private final Map<String, OpenInvite> invites = new HashMap<>();
    private final Map<UUID, Denied> denied = new HashMap<>();

    @Override
    public Kept loadAll() {
      return new Kept(
          List.copyOf(nodes.values()), List.copyOf(invites.values()), List.copyOf(denied.values()));
    }

    @Override
    public CompletionStage<?> joined(NodeRecord node, Optional<String> inviteId) {
      nodes.put(node.node(), node);
      inviteId.ifPresent(invites::remove);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void save(NodeRecord node) {
      nodes.put(node.node(), node);
    }

    @Override
    public void delete(NodeId node) {
      nodes.remove(node);
    }

    @Override
    public void save(OpenInvite invite) {
      invites.put(invite.id(), invite);
    }

    @Override
    public void delete(String inviteId) {
      invites.remove(inviteId);
    }

    @Override
    public CompletionStage<?> deny(Denied gone) {
      denied.put(gone.uuid(), gone);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public void undeny(UUID uuid) {
      denied.remove(uuid);
    }
  }

  private final SimulatedTime time = new SimulatedTime();
  private final InMemory kept = new InMemory();
  private final Seal seal = new Seal(Seal.freshKey(RANDOM), RANDOM);
  private final Enrolment enrolment = open();

  private Enrolment open() {
    return new Enrolment(kept, time, RANDOM, seal, () -> PIN);
  }

  private static Application application(String name, NodeAdmission.Claim claim, String machine) {
    return new Application(name, claim, KEY, machine, "maestro.local", "1", "10.0.0.7");
  }

  private static Invited claim(String token, ByteString exporter, ByteString request) {
    var parsed = JoinToken.parse(token);
    byte[] proof =
        Proof.of(
            Proof.keyOf(parsed.id(), parsed.secret()),
            EXPORTER.toByteArray(),
            REQUEST.toByteArray());
    return new Invited(parsed.id(), ByteString.copyFrom(proof), exporter, request);
  }

  private Decision ask(Enrolment at, String name, String token, String machine) {
    return at.enrol(application(name, claim(token, EXPORTER, REQUEST), machine));
  }

  private Decision ask(String name, String token, String machine) {
    return ask(enrolment, name, token, machine);
  }

  private Decision wait(String name, String machine, String pendingId) {
    var commitment = ByteString.copyFrom(SafetyCode.commitment(NUMBER));
    var number = pendingId.isEmpty() ? ByteString.EMPTY : ByteString.copyFrom(NUMBER);
    return enrolment.enrol(application(name, new Unasked(pendingId, commitment, number), machine));
  }

  /// Asks twice, as a newcomer does: the second time with its number.
  private Pending begin(String machine) {
    var first = (Pending) wait("maestro", machine, "");
    return (Pending) wait("maestro", machine, first.pendingId());
  }

  private String token() {
    return enrolment.invite(NODE, NodeRole.LLM_WORKER).token();
  }

  private UUID joined() {
    return ((Approved) ask("", token(), "m1")).uuid();
  }

  @Test
  void a_token_lets_its_node_in_under_its_name() {
    String token = enrolment.invite(NODE, NodeRole.FULL_WORKER).token();
    assertThat(token).startsWith("tutti1." + PIN + ".").hasSize(106);
    var approved = (Approved) ask("", token, "m1");
    assertThat(approved.node()).isEqualTo(NODE);
    assertThat(approved.uuid().version()).isEqualTo(4);
    assertThat(enrolment.recognise(approved.uuid(), "m1")).isEqualTo(new Known(NODE));
    assertThat(enrolment.node(NODE).orElseThrow().role()).isEqualTo(NodeRole.FULL_WORKER);
  }

  @Test
  void a_token_works_once() {
    String token = token();
    ask("", token, "m1");
    assertThat(ask("", token, "m1")).isInstanceOf(Refused.class);
    assertThat(kept.invites).isEmpty();
    assertThat(ask(open(), "", token, "m1")).isInstanceOf(Refused.class);
  }

  @Test
  void a_token_dies_after_a_quarter_of_an_hour_by_whichever_clock_is_faster() {
    String early = token();
    time.jumpWallClock(Duration.ofDays(-3650));
    time.advance(Duration.ofMinutes(15));
    assertThat(ask("", early, "m1")).isInstanceOf(Refused.class);
    String late = token();
    time.jumpWallClock(Duration.ofMinutes(10));
    time.advance(Duration.ofMinutes(5).minusMillis(1));
    assertThat(ask("", late, "m1")).isInstanceOf(Approved.class);
    String slept = token();
    time.jumpWallClock(Duration.ofMinutes(15));
    assertThat(ask("", slept, "m1")).isInstanceOf(Refused.class);
    assertThat(kept.invites).isEmpty();
  }

  @Test
  void a_token_outlives_the_hub_that_made_it_but_not_its_quarter_of_an_hour() {
    String token = token();
    time.advance(Duration.ofMinutes(14));
    var restarted = open();
    time.advance(Duration.ofMinutes(1).minusMillis(1));
    assertThat(ask(restarted, "", token, "m1")).isInstanceOf(Approved.class);
    String other = token();
    time.advance(Duration.ofMinutes(14));
    restarted = open();
    time.advance(Duration.ofMinutes(1));
    assertThat(ask(restarted, "", other, "m1")).isInstanceOf(Refused.class);
  }

  @Test
  void after_a_restart_under_a_clock_that_was_put_back_no_older_token_counts() {
    String token = token();
    time.jumpWallClock(Duration.ofHours(-1));
    assertThat(ask(open(), "", token, "m1")).isInstanceOf(Refused.class);
    assertThat(kept.invites).isEmpty();
  }

  @Test
  void a_token_is_for_its_name_alone() {
    String token = token();
    assertThat(ask("bob", token, "m1"))
        .isEqualTo(new Refused("name: bob (expected: maestro, as the invitation says)"));
    assertThat(ask("maestro", token, "m1")).isInstanceOf(Approved.class);
  }

  @Test
  void a_made_up_token_is_refused() {
    token();
    assertThat(ask("maestro", JoinToken.fresh(PIN, RANDOM).text(), "m1"))
        .isInstanceOf(Refused.class);
    var endless = new Invited("x".repeat(100_000), ByteString.EMPTY, EXPORTER, REQUEST);
    assertThat(enrolment.enrol(application("maestro", endless, "m1"))).isInstanceOf(Refused.class);
  }

  @Test
  void a_proof_counts_for_its_connection_and_its_request_alone() {
    String token = token();
    var otherConnection = ByteString.copyFromUtf8("another connection's, 32 bytes...");
    var otherRequest = ByteString.copyFromUtf8("a request for another key");
    assertThat(enrolment.enrol(application("", claim(token, otherConnection, REQUEST), "m1")))
        .isInstanceOf(Refused.class);
    assertThat(enrolment.enrol(application("", claim(token, EXPORTER, otherRequest), "m1")))
        .isInstanceOf(Refused.class);
    assertThat(ask("", token, "m1")).isInstanceOf(Approved.class);
  }

  @Test
  void guessing_at_a_token_ends_it() {
    String token = token();
    String id = JoinToken.parse(token).id();
    for (int i = 0; i < Invites.MAX_WRONG_PROOFS; i++) {
      var guess = new Invited(id, ByteString.copyFromUtf8("guess " + i), EXPORTER, REQUEST);
      assertThat(enrolment.enrol(application("", guess, "m1"))).isInstanceOf(Refused.class);
    }
    assertThat(ask("", token, "m1")).isInstanceOf(Refused.class);
  }

  @Test
  void what_is_kept_of_a_token_opens_nothing_without_the_hubs_own_key() {
    String token = token();
    var parsed = JoinToken.parse(token);
    assertThat(kept.invites.toString()).doesNotContain(parsed.secret());
    var thief =
        new Enrolment(kept, time, RANDOM, new Seal(Seal.freshKey(RANDOM), RANDOM), () -> PIN);
    assertThat(ask(thief, "", token, "m1")).isInstanceOf(Refused.class);
  }

  @Test
  void an_id_that_was_never_given_out_is_nobody() {
    joined();
    assertThat(enrolment.recognise(new UUID(1, 2), "m1")).isEqualTo(new Unknown());
  }

  @Test
  void a_copied_key_on_another_machine_shows() {
    assertThat(enrolment.recognise(joined(), "m2")).isEqualTo(new OtherMachine(NODE));
  }

  @Test
  void a_second_machine_cannot_take_a_name_and_keeps_its_token() {
    joined();
    String token = token();
    assertThat(ask("", token, "m2")).isInstanceOf(Refused.class);
    assertThat(wait("maestro", "m2", "")).isInstanceOf(Refused.class);
    assertThat(enrolment.remove(NODE)).isPresent();
    assertThat(ask("", token, "m2")).isInstanceOf(Approved.class);
  }

  @Test
  void the_same_machine_may_join_again_and_what_it_had_before_ends() {
    UUID old = joined();
    UUID fresh = joined();
    assertThat(enrolment.recognise(old, "m1")).isEqualTo(new Unknown());
    assertThat(enrolment.recognise(fresh, "m1")).isEqualTo(new Known(NODE));
  }

  @Test
  void without_a_token_a_human_has_to_approve() {
    var pending = begin("m1");
    assertThat(enrolment.pending()).singleElement().extracting("node").isEqualTo(NODE);
    assertThat(wait("maestro", "m1", pending.pendingId())).isEqualTo(pending);
    assertThat(enrolment.approve(NODE, NodeRole.LLM_WORKER)).isTrue();
    assertThat(enrolment.pending()).isEmpty();
    var approved = (Approved) wait("maestro", "m1", pending.pendingId());
    assertThat(enrolment.recognise(approved.uuid(), "m1")).isEqualTo(new Known(NODE));
  }

  @Test
  void a_human_sees_the_code_that_the_newcomer_sees() {
    var pending = begin("m1");
    assertThat(enrolment.pending().getFirst().code())
        .isEqualTo(SafetyCode.of(PIN, KEY.toByteArray(), NUMBER, pending.number().toByteArray()));
  }

  @Test
  void nobody_can_be_approved_before_its_code_is_known() {
    wait("maestro", "m1", "");
    assertThat(enrolment.pending()).isEmpty();
    assertThat(enrolment.approve(NODE, NodeRole.LLM_WORKER)).isFalse();
  }

  @Test
  void a_number_that_was_not_committed_to_ends_the_waiting() {
    var first = (Pending) wait("maestro", "m1", "");
    var other = new byte[SafetyCode.NUMBER_BYTES];
    other[0] = 1;
    var claim = new Unasked(first.pendingId(), ByteString.EMPTY, ByteString.copyFrom(other));
    assertThat(enrolment.enrol(application("maestro", claim, "m1"))).isInstanceOf(Refused.class);
    assertThat(enrolment.pending()).isEmpty();
  }

  @Test
  void another_key_in_the_middle_of_the_waiting_ends_it() {
    var pending = begin("m1");
    enrolment.approve(NODE, NodeRole.LLM_WORKER);
    var other =
        new Application(
            "maestro",
            new Unasked(pending.pendingId(), ByteString.EMPTY, ByteString.copyFrom(NUMBER)),
            ByteString.copyFromUtf8("another key"),
            "m1",
            "h",
            "1",
            "10.0.0.7");
    assertThat(enrolment.enrol(other)).isInstanceOf(Refused.class);
  }

  @Test
  void what_was_approved_for_one_machine_is_not_given_to_another() {
    var first = begin("m1");
    enrolment.approve(NODE, NodeRole.LLM_WORKER);
    assertThat(wait("maestro", "m2", "")).isInstanceOf(Refused.class);
    assertThat(wait("maestro", "m2", "guess")).isInstanceOf(Refused.class);
    assertThat(wait("maestro", "m1", first.pendingId())).isInstanceOf(Approved.class);
  }

  @Test
  void a_machine_that_forgot_its_id_begins_anew_without_the_approval() {
    begin("m1");
    enrolment.approve(NODE, NodeRole.LLM_WORKER);
    var anew = (Pending) wait("maestro", "m1", "");
    assertThat(wait("maestro", "m1", anew.pendingId())).isInstanceOf(Pending.class);
    assertThat(enrolment.pending()).hasSize(1);
  }

  @Test
  void a_denied_newcomer_is_told_once_and_forgotten() {
    var pending = begin("m1");
    assertThat(enrolment.deny(NODE)).isTrue();
    assertThat(wait("maestro", "m1", pending.pendingId())).isInstanceOf(Refused.class);
    assertThat(enrolment.deny(NODE)).isFalse();
  }

  @Test
  void a_newcomer_that_stops_asking_is_forgotten() {
    begin("m1");
    time.advance(Enrolment.PENDING_TTL);
    assertThat(enrolment.pending()).isEmpty();
    assertThat(enrolment.approve(NODE, NodeRole.LLM_WORKER)).isFalse();
  }

  @Test
  void only_so_many_wait_and_only_so_many_are_invited() {
    for (int i = 0; i < Enrolment.MAX_PENDING; i++) {
      assertThat(wait("node" + i, "m" + i, "")).isInstanceOf(Pending.class);
    }
    assertThat(wait("one-more", "m", "")).isInstanceOf(Refused.class);
    for (int i = 0; i < Enrolment.MAX_INVITES; i++) {
      enrolment.invite(new NodeId("n" + i), NodeRole.LLM_WORKER);
    }
    assertThatThrownBy(() -> enrolment.invite(NODE, NodeRole.LLM_WORKER))
        .isInstanceOf(MeshException.class);
  }

  @Test
  void a_name_that_is_none_is_refused() {
    assertThat(wait("../etc", "m1", "")).isInstanceOf(Refused.class);
    assertThat(wait("", "m1", "")).isInstanceOf(Refused.class);
  }

  @Test
  void a_removed_node_is_told_so_and_may_be_invited_again() {
    UUID old = joined();
    assertThat(enrolment.remove(NODE)).isPresent();
    assertThat(enrolment.remove(NODE)).isEmpty();
    assertThat(enrolment.recognise(old, "m1")).isEqualTo(new Removed());
    assertThat(enrolment.nodes()).isEmpty();
    assertThat(enrolment.recognise(joined(), "m1")).isEqualTo(new Known(NODE));
    assertThat(enrolment.recognise(old, "m1")).isEqualTo(new Removed());
  }

  @Test
  void a_removal_outlives_the_hub_and_is_forgotten_when_no_certificate_counts_any_more() {
    UUID old = joined();
    enrolment.remove(NODE);
    enrolment.forget(NODE);
    assertThat(open().recognise(old, "m1")).isEqualTo(new Removed());
    time.advance(Enrolment.DENIED_TTL.plusSeconds(1));
    assertThat(open().recognise(old, "m1")).isEqualTo(new Unknown());
    assertThat(kept.denied).isEmpty();
  }

  @Test
  void what_the_log_kept_is_known_after_a_restart() {
    UUID uuid = joined();
    time.advance(Duration.ofHours(16));
    enrolment.certified(uuid, time.now());
    var restarted = open();
    assertThat(restarted.recognise(uuid, "m1")).isEqualTo(new Known(NODE));
    assertThat(restarted.node(NODE).orElseThrow().certifiedAt()).isEqualTo(time.now());
    restarted.forget(NODE);
    assertThat(kept.nodes).isEmpty();
    assertThat(restarted.recognise(uuid, "m1")).isEqualTo(new Unknown());
  }

  @Test
  void no_secret_shows_where_something_is_printed() {
    var invitation = enrolment.invite(NODE, NodeRole.LLM_WORKER);
    var token = JoinToken.parse(invitation.token());
    assertThat(invitation.toString()).doesNotContain(token.secret());
    assertThat(token.toString()).doesNotContain(token.secret());
    assertThatThrownBy(() -> JoinToken.parse(invitation.token() + "x"))
        .message()
        .doesNotContain(token.secret());
  }
}
