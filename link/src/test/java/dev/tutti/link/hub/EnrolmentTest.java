package dev.tutti.link.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.hub.NodeAdmission.Application;
import dev.tutti.link.hub.NodeAdmission.Approved;
import dev.tutti.link.hub.NodeAdmission.Decision;
import dev.tutti.link.hub.NodeAdmission.Pending;
import dev.tutti.link.hub.NodeAdmission.Refused;
import dev.tutti.link.hub.NodeAdmission.Verdict;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EnrolmentTest {
  private static final NodeId NODE = new NodeId("maestro");

  /// A log in memory.
  private static final class Kept implements EnrolmentLog {
    private final Map<NodeId, NodeRecord> nodes = new HashMap<>();

    @Override
    public List<NodeRecord> loadAll() {
      return List.copyOf(nodes.values());
    }

    @Override
    public void save(NodeRecord node) {
      nodes.put(node.node(), node);
    }

    @Override
    public void delete(NodeId node) {
      nodes.remove(node);
    }
  }

  private final SimulatedTime time = new SimulatedTime();
  private final Kept kept = new Kept();
  private final Enrolment enrolment = new Enrolment(kept, time, new SecureRandom());

  private Decision ask(String name, String token, String machine, String pendingId) {
    return enrolment.enrol(
        new Application(name, token, machine, "maestro.local", "1", pendingId, "10.0.0.7"));
  }

  private String joined() {
    String token = enrolment.invite(NODE, NodeRole.LLM_WORKER).token();
    return ((Approved) ask("", token, "m1", "")).credential();
  }

  @Test
  void a_token_lets_its_node_in_under_its_name() {
    String token = enrolment.invite(NODE, NodeRole.FULL_WORKER).token();
    assertThat(token).startsWith("tutti1.").hasSizeGreaterThan(40);
    var approved = (Approved) ask("", token, "m1", "");
    assertThat(approved.node()).isEqualTo(NODE);
    assertThat(enrolment.authenticate(NODE, approved.credential(), "m1")).isEqualTo(Verdict.OK);
    assertThat(enrolment.node(NODE).orElseThrow().role()).isEqualTo(NodeRole.FULL_WORKER);
  }

  @Test
  void a_token_works_once() {
    String token = enrolment.invite(NODE, NodeRole.LLM_WORKER).token();
    ask("", token, "m1", "");
    assertThat(ask("", token, "m1", "")).isInstanceOf(Refused.class);
  }

  @Test
  void a_token_dies_after_a_quarter_of_an_hour_whatever_the_wall_clock_says() {
    String early = enrolment.invite(NODE, NodeRole.LLM_WORKER).token();
    time.jumpWallClock(Duration.ofDays(-3650));
    time.advance(Duration.ofMinutes(15));
    assertThat(ask("", early, "m1", "")).isInstanceOf(Refused.class);
    String late = enrolment.invite(NODE, NodeRole.LLM_WORKER).token();
    time.jumpWallClock(Duration.ofDays(3650));
    time.advance(Duration.ofMinutes(15).minusMillis(1));
    assertThat(ask("", late, "m1", "")).isInstanceOf(Approved.class);
  }

  @Test
  void a_token_names_its_node_whatever_the_newcomer_wishes() {
    String token = enrolment.invite(NODE, NodeRole.LLM_WORKER).token();
    var approved = (Approved) ask("bob", token, "m1", "");
    assertThat(approved.node()).isEqualTo(NODE);
    assertThat(enrolment.authenticate(new NodeId("bob"), approved.credential(), "m1"))
        .isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void a_made_up_token_is_refused() {
    enrolment.invite(NODE, NodeRole.LLM_WORKER);
    assertThat(ask("maestro", "tutti1.guess", "m1", "")).isInstanceOf(Refused.class);
    assertThat(ask("maestro", "x".repeat(100_000), "m1", "")).isInstanceOf(Refused.class);
  }

  @Test
  void a_wrong_credential_is_unknown() {
    String credential = joined();
    assertThat(enrolment.authenticate(NODE, credential + "x", "m1")).isEqualTo(Verdict.UNKNOWN);
    assertThat(enrolment.authenticate(NODE, "", "m1")).isEqualTo(Verdict.UNKNOWN);
    assertThat(enrolment.authenticate(new NodeId("bob"), credential, "m1"))
        .isEqualTo(Verdict.UNKNOWN);
    String hash = enrolment.node(NODE).orElseThrow().credentialHash();
    assertThat(enrolment.authenticate(NODE, hash, "m1")).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void a_copied_credential_on_another_machine_shows() {
    String credential = joined();
    assertThat(enrolment.authenticate(NODE, credential, "m2")).isEqualTo(Verdict.OTHER_MACHINE);
  }

  @Test
  void a_second_machine_cannot_take_a_name_and_keeps_its_token() {
    joined();
    String token = enrolment.invite(NODE, NodeRole.LLM_WORKER).token();
    assertThat(ask("", token, "m2", "")).isInstanceOf(Refused.class);
    assertThat(ask("maestro", "", "m2", "")).isInstanceOf(Refused.class);
    assertThat(enrolment.remove(NODE)).isTrue();
    assertThat(ask("", token, "m2", "")).isInstanceOf(Approved.class);
  }

  @Test
  void the_same_machine_may_join_again_and_its_old_credential_dies() {
    String old = joined();
    String fresh = joined();
    assertThat(enrolment.authenticate(NODE, old, "m1")).isEqualTo(Verdict.UNKNOWN);
    assertThat(enrolment.authenticate(NODE, fresh, "m1")).isEqualTo(Verdict.OK);
  }

  @Test
  void without_a_token_a_human_has_to_approve() {
    var pending = (Pending) ask("maestro", "", "m1", "");
    assertThat(enrolment.pending()).singleElement().extracting("node").isEqualTo(NODE);
    assertThat(ask("maestro", "", "m1", pending.pendingId())).isEqualTo(pending);
    assertThat(enrolment.approve(NODE, NodeRole.LLM_WORKER)).isTrue();
    assertThat(enrolment.pending()).isEmpty();
    var approved = (Approved) ask("maestro", "", "m1", pending.pendingId());
    assertThat(enrolment.authenticate(NODE, approved.credential(), "m1")).isEqualTo(Verdict.OK);
  }

  @Test
  void what_was_approved_for_one_machine_is_not_given_to_another() {
    var first = (Pending) ask("maestro", "", "m1", "");
    enrolment.approve(NODE, NodeRole.LLM_WORKER);
    assertThat(ask("maestro", "", "m2", "")).isInstanceOf(Refused.class);
    assertThat(ask("maestro", "", "m2", "guess")).isInstanceOf(Refused.class);
    assertThat(ask("maestro", "", "m1", first.pendingId())).isInstanceOf(Approved.class);
  }

  @Test
  void a_machine_that_forgot_its_id_begins_anew_without_the_approval() {
    ask("maestro", "", "m1", "");
    enrolment.approve(NODE, NodeRole.LLM_WORKER);
    assertThat(ask("maestro", "", "m1", "")).isInstanceOf(Pending.class);
    assertThat(enrolment.pending()).hasSize(1);
  }

  @Test
  void a_denied_newcomer_is_told_once_and_forgotten() {
    var pending = (Pending) ask("maestro", "", "m1", "");
    assertThat(enrolment.deny(NODE)).isTrue();
    assertThat(ask("maestro", "", "m1", pending.pendingId())).isInstanceOf(Refused.class);
    assertThat(enrolment.deny(NODE)).isFalse();
  }

  @Test
  void a_newcomer_that_stops_asking_is_forgotten() {
    ask("maestro", "", "m1", "");
    time.advance(Enrolment.PENDING_TTL);
    assertThat(enrolment.pending()).isEmpty();
    assertThat(enrolment.approve(NODE, NodeRole.LLM_WORKER)).isFalse();
  }

  @Test
  void only_so_many_wait_and_only_so_many_are_invited() {
    for (int i = 0; i < Enrolment.MAX_PENDING; i++) {
      assertThat(ask("node" + i, "", "m" + i, "")).isInstanceOf(Pending.class);
    }
    assertThat(ask("one-more", "", "m", "")).isInstanceOf(Refused.class);
    for (int i = 0; i < Enrolment.MAX_INVITES; i++) {
      enrolment.invite(new NodeId("n" + i), NodeRole.LLM_WORKER);
    }
    assertThatThrownBy(() -> enrolment.invite(NODE, NodeRole.LLM_WORKER))
        .isInstanceOf(MeshException.class);
  }

  @Test
  void a_name_that_is_none_is_refused() {
    assertThat(ask("../etc", "", "m1", "")).isInstanceOf(Refused.class);
    assertThat(ask("", "", "m1", "")).isInstanceOf(Refused.class);
  }

  @Test
  void a_removed_node_is_told_so_and_may_be_invited_again() {
    String credential = joined();
    assertThat(enrolment.remove(NODE)).isTrue();
    assertThat(enrolment.remove(NODE)).isFalse();
    assertThat(enrolment.authenticate(NODE, credential, "m1")).isEqualTo(Verdict.REMOVED);
    assertThat(enrolment.nodes()).isEmpty();
    assertThat(enrolment.authenticate(NODE, joined(), "m1")).isEqualTo(Verdict.OK);
  }

  @Test
  void what_the_log_kept_is_known_after_a_restart_and_holds_no_secret() {
    String credential = joined();
    assertThat(kept.nodes.toString()).contains("maestro").doesNotContain(credential);
    var restarted = new Enrolment(kept, time, new SecureRandom());
    assertThat(restarted.authenticate(NODE, credential, "m1")).isEqualTo(Verdict.OK);
    restarted.forget(NODE);
    assertThat(kept.nodes).isEmpty();
    assertThat(restarted.authenticate(NODE, credential, "m1")).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void no_secret_shows_where_something_is_printed() {
    var invitation = enrolment.invite(NODE, NodeRole.LLM_WORKER);
    assertThat(invitation.toString()).doesNotContain(invitation.token());
    var application = new Application("n", invitation.token(), "m", "h", "1", "p-secret", "a");
    assertThat(application.toString()).doesNotContain(invitation.token(), "p-secret");
    var approved = (Approved) enrolment.enrol(application);
    assertThat(approved.toString()).doesNotContain(approved.credential());
  }
}
