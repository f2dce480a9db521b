package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.util.List;
import org.junit.jupiter.api.Test;

final class QuarantineTest {
  private static final Retry UNSAFE = Retry.UNSAFE_MAY_HAVE_ACTED;

  /// All tasks of these tests are alike.
  private final Ensemble mesh = new Ensemble(work -> work);

  QuarantineTest() {
    for (String node : List.of("a", "b", "c")) {
      mesh.engine(node, 1, "m");
    }
  }

  /// The engine dies at its work and is seen to be away.
  private void dies(String node) {
    mesh.at(node).only().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    mesh.down(node);
  }

  @Test
  void a_request_that_killed_two_machines_is_not_given_to_a_third() {
    Client client = mesh.submit("m");
    dies("a");
    assertThat(client.where()).isEqualTo("b/ollama");
    dies("b");
    mesh.seconds(1);
    assertThat(client.ends).as("not yet certain").isZero();
    assertThat(mesh.at("c").all).isEmpty();
    mesh.seconds(1);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.POISONED_REQUEST);
    assertThat(client.whyNot().retry()).isEqualTo(Retry.POINTLESS);
    assertThat(mesh.at("c").all).isEmpty();
  }

  @Test
  void whoever_repeats_it_is_refused_before_any_work_until_it_is_forgotten() {
    mesh.submit("m");
    dies("a");
    dies("b");
    mesh.seconds(2);
    mesh.up("a", "m");
    Client again = mesh.submit("m");
    assertThat(again.whyNot().code()).isEqualTo(FailureCode.POISONED_REQUEST);
    assertThat(again.assignments).isEmpty();
    assertThat(mesh.records.getLast().outcome()).isEqualTo(Outcome.REFUSED);
    mesh.seconds(Quarantine.KEPT.toSeconds() + 1.0);
    assertThat(mesh.submit("m").assignments).hasSize(1);
  }

  @Test
  void whoever_repeats_it_while_nothing_is_certain_waits_for_the_verdict() {
    mesh.submit("m");
    dies("a");
    dies("b");
    Client again = mesh.submit("m");
    assertThat(again.assignments).isEmpty();
    mesh.seconds(2);
    assertThat(again.whyNot().code()).isEqualTo(FailureCode.POISONED_REQUEST);
    assertThat(mesh.at("c").all).isEmpty();
  }

  @Test
  void a_client_that_gets_no_other_attempt_kills_no_third_machine_either() {
    for (String node : List.of("a", "b")) {
      Client client = mesh.submit("m");
      mesh.at(node).only().say("half");
      mesh.at(node).only().fail(FailureCode.BROKEN_STREAM, UNSAFE);
      mesh.down(node);
      assertThat(client.ends).isEqualTo(node.equals("a") ? 1 : 0);
      mesh.seconds(2);
    }
    assertThat(mesh.submit("m").whyNot().code()).isEqualTo(FailureCode.POISONED_REQUEST);
  }

  @Test
  void what_was_answered_well_between_two_deaths_killed_nobody() {
    mesh.submit("m");
    Client other = mesh.ask("m").pin("b").submit();
    dies("a");
    mesh.at("b").only().finish();
    mesh.ask("m").pin("b").submit();
    dies("b");
    mesh.at("c").only().finish();
    mesh.seconds(2);
    assertThat(other.done).isTrue();
    Client again = mesh.submit("m");
    assertThat(again.where()).isEqualTo("c/ollama");
  }

  @Test
  void an_answer_from_elsewhere_ends_the_quarantine() {
    for (String node : List.of("a", "b", "c")) {
      mesh.ask("m").pin(node).submit();
    }
    dies("a");
    dies("b");
    mesh.seconds(2);
    assertThat(mesh.submit("m").whyNot().code()).isEqualTo(FailureCode.POISONED_REQUEST);
    mesh.at("c").only().finish();
    assertThat(mesh.submit("m").where()).isEqualTo("c/ollama");
  }

  @Test
  void whether_it_was_answered_well_is_forgotten_like_its_deaths() {
    mesh.submit("m");
    dies("a");
    mesh.at("b").only().finish();
    mesh.up("a", "m");
    mesh.seconds(Quarantine.KEPT.toSeconds() + 1.0);
    Client client = mesh.submit("m");
    for (int death = 0; death < Quarantine.DEATHS; death++) {
      String node = client.where().substring(0, 1);
      mesh.at(node).all.getLast().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
      mesh.down(node);
    }
    mesh.seconds(2);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.POISONED_REQUEST);
  }

  @Test
  void engines_that_live_on_were_not_killed() {
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    mesh.up("a", "m");
    mesh.at("b").only().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    mesh.up("b", "m");
    assertThat(client.ends).isZero();
    mesh.seconds(2);
    assertThat(client.where()).isEqualTo("c/ollama");
    mesh.at("c").only().finish();
    assertThat(client.done).isTrue();
  }

  @Test
  void an_engine_that_refuses_a_connection_was_not_killed_by_the_request() {
    Client client = mesh.submit("m");
    for (String node : List.of("a", "b")) {
      mesh.at(node).only().fail(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED);
      mesh.down(node);
    }
    assertThat(client.where()).isEqualTo("c/ollama");
  }

  @Test
  void a_client_that_leaves_meanwhile_is_forgotten() {
    var ask = mesh.ask("m");
    Client client = ask.submit();
    dies("a");
    dies("b");
    ask.handle().cancel();
    // Until the machines that are down count as offline, somebody looks after them.
    mesh.seconds(200);
    assertThat(client.ends).isZero();
    assertThat(mesh.records.getLast().outcome()).isEqualTo(Outcome.CANCELLED);
    assertThat(mesh.time.pendingTimers()).isZero();
  }
}
