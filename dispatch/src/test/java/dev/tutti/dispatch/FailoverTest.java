package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FailoverTest {
  private static final Retry SAFE = Retry.SAFE_NOT_STARTED;
  private static final Retry UNSAFE = Retry.UNSAFE_MAY_HAVE_ACTED;

  private final Ensemble mesh = new Ensemble();

  @ParameterizedTest
  @EnumSource(
      value = FailureCode.class,
      names = {"ENGINE_UNREACHABLE", "ENGINE_ERROR", "ENGINE_BUSY", "ENGINE_STALLED"})
  void before_anything_is_written_a_failed_attempt_goes_elsewhere(FailureCode code) {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(code, UNSAFE);
    assertThat(client.where()).isEqualTo("b/ollama");
    assertThat(client.assignments.getLast().attempt()).isEqualTo(2);
    mesh.at("b").only().say("hello");
    mesh.at("b").only().finish();
    assertThat(client.pieces).containsExactly("hello");
    assertThat(client.done).isTrue();
    assertThat(mesh.records.getLast().attempts()).isEqualTo(2);
    assertThat(mesh.records.getLast().usage().outputTokens()).isEqualTo(1);
    assertThat(mesh.attemptFailures).hasSize(1);
  }

  @Test
  void pieces_that_were_not_written_on_are_forgotten_with_their_attempt() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client client = mesh.submit("m");
    client.writes = false;
    mesh.at("a").only().say("role only");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    assertThat(client.where()).isEqualTo("b/ollama");
    assertThat(client.pieces).isEmpty();
  }

  @Test
  @DisplayName("T13 after something was written nothing is tried again")
  void after_something_was_written_nothing_is_tried_again() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().say("hel");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.BROKEN_STREAM);
    assertThat(client.assignments).hasSize(1);
    assertThat(mesh.at("b").all).isEmpty();
    assertThat(mesh.records.getLast().outcome()).isEqualTo(Outcome.FAILED);
  }

  @Test
  void what_is_pointless_is_not_tried_again() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.INVALID_REQUEST, Retry.POINTLESS);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(mesh.at("b").all).isEmpty();
  }

  private void inTheCloud(String node) {
    WorkerRule none = WorkerRule.NONE;
    var cloud =
        new WorkerRule(
            none.enabled(),
            none.priority(),
            none.maxConcurrent(),
            none.batchOnly(),
            Optional.of(true),
            none.types(),
            none.models());
    mesh.dispatcher.setPolicy(new Policy(Map.of(node, cloud), List.of(), Optional.empty()));
  }

  @Test
  void what_counts_each_time_is_begun_once_unless_the_client_named_it() {
    inTheCloud("a");
    mesh.engine("a", 3, "m");
    Client anonymous = mesh.submit("m");
    Client named = mesh.submit("m");
    named.mayBeDoneTwice = true;
    Client neverBegun = mesh.submit("m");
    mesh.engine("b", 3, "m");
    List<FakeEngine.Exchange> begun = mesh.at("a").running();
    begun.get(0).fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    assertThat(anonymous.whyNot().code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
    assertThat(mesh.at("b").all).isEmpty();
    begun.get(1).fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    assertThat(named.where()).isEqualTo("b/ollama");
    begun.get(2).fail(FailureCode.ENGINE_BUSY, SAFE);
    assertThat(neverBegun.where()).isEqualTo("b/ollama");
  }

  @Test
  void what_counts_each_time_is_left_to_an_engine_that_does_not_answer() {
    inTheCloud("a");
    mesh.engine("a", 1, "m");
    Client client = mesh.submit("m");
    mesh.engine("b", 1, "m");
    mesh.down("a");
    mesh.dispatcher.lost(Ensemble.id("a"));
    assertThat(mesh.at("b").all).isEmpty();
    assertThat(client.ends).isZero();
  }

  @Test
  void three_attempts_on_three_engines_are_all_there_are() {
    for (String node : List.of("a", "b", "c", "d")) {
      mesh.engine(node, 1, "m");
    }
    Client client = mesh.submit("m");
    for (String node : List.of("a", "b", "c")) {
      mesh.at(node).only().fail(FailureCode.ENGINE_ERROR, UNSAFE);
    }
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.ENGINE_ERROR);
    assertThat(client.assignments)
        .extracting(assignment -> assignment.backend().value())
        .containsExactly("a/ollama", "b/ollama", "c/ollama");
    assertThat(client.ends).isEqualTo(1);
    assertThat(mesh.at("d").all).isEmpty();
  }

  @Test
  void an_engine_that_failed_the_task_does_not_get_it_again() {
    mesh.engine("a", 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_ERROR, UNSAFE);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.ENGINE_ERROR);
    assertThat(mesh.at("a").all).hasSize(1);
  }

  @Test
  void a_failed_task_waits_for_another_engine_that_is_busy_and_goes_before_later_ones() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client first = mesh.submit("m");
    Client second = mesh.submit("m");
    Client third = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    assertThat(first.ends).isZero();
    mesh.at("b").only().finish();
    assertThat(second.done).isTrue();
    assertThat(first.where()).isEqualTo("b/ollama");
    assertThat(third.assignments).isEmpty();
  }

  @Test
  void the_only_engine_may_restart_within_the_time_to_wait() {
    mesh.engine("a", 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, SAFE);
    assertThat(client.ends).isZero();
    mesh.seconds(5);
    assertThat(mesh.at("a").all).hasSize(1);
    mesh.up("a", "m");
    assertThat(client.assignments).hasSize(2);
    assertThat(client.assignments.getLast().queued()).isEqualTo(Duration.ofSeconds(5));
    mesh.at("a").only().finish();
    assertThat(client.done).isTrue();
  }

  @Test
  void an_engine_that_does_not_come_back_in_time_is_not_waited_for_longer() {
    mesh.engine("a", 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, SAFE);
    mesh.seconds(31);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertThat(client.whyNot().message())
        .isEqualTo("every backend with \"m\" is down, try again later");
    assertThat(mesh.records.getLast().outcome()).isEqualTo(Outcome.FAILED);
  }

  @Test
  void a_task_may_return_to_an_engine_that_restarted_when_all_others_are_gone() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client client = mesh.submit("m");
    mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, SAFE);
    mesh.down("b");
    mesh.seconds(1);
    mesh.up("a", "m");
    assertThat(client.where()).isEqualTo("a/ollama");
    assertThat(client.assignments).hasSize(2);
  }

  @Test
  void an_engine_that_says_it_is_busy_rests_a_while_and_is_asked_again() {
    mesh.engine("a", 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_BUSY, SAFE);
    mesh.up("a", "m");
    assertThat(client.assignments).hasSize(1);
    mesh.time.advance(DispatchLimits.REST);
    assertThat(client.assignments).hasSize(2);
    mesh.at("a").only().fail(FailureCode.ENGINE_BUSY, SAFE);
    mesh.up("a", "m");
    mesh.time.advance(DispatchLimits.REST);
    mesh.at("a").only().fail(FailureCode.ENGINE_BUSY, SAFE);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.ENGINE_BUSY);
    assertThat(client.assignments).hasSize(3);
  }

  @Test
  void who_gives_up_on_a_busy_engine_says_when_to_come_back() {
    mesh.engine("a", 1, "m");
    Client client = mesh.ask("m").ttl(Duration.ZERO).submit();
    mesh.at("a").only().fail(FailureCode.ENGINE_BUSY, SAFE);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.ENGINE_BUSY);
    assertThat(client.whyNot().retryAfterIfAny()).isPresent();
  }

  @Test
  void a_dead_engine_gets_nothing_new_at_once() {
    mesh.engine("a", 4, "m");
    mesh.engine("b", 4, "m");
    mesh.memory("a", 64);
    mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_UNREACHABLE, SAFE);
    for (int i = 0; i < 3; i++) {
      assertThat(mesh.submit("m").where()).isEqualTo("b/ollama");
    }
    assertThat(mesh.submit("m").position).isEqualTo(1);
  }

  @Test
  void when_a_backend_is_detached_its_attempts_go_elsewhere_or_break() {
    mesh.engine("a", 2, "m");
    Client fresh = mesh.submit("m");
    Client begun = mesh.submit("m");
    mesh.engine("b", 2, "m");
    mesh.at("a").all.get(1).say("hel");
    mesh.dispatcher.detach(Ensemble.id("a"));
    assertThat(mesh.at("a").all).allMatch(exchange -> exchange.cancelled);
    assertThat(fresh.where()).isEqualTo("b/ollama");
    assertThat(begun.whyNot().code()).isEqualTo(FailureCode.BROKEN_STREAM);
    assertThat(mesh.dispatcher.active(Ensemble.id("a"))).isZero();
    assertThat(mesh.dispatcher.free(Ensemble.id("a"))).isZero();
  }

  @Test
  void a_retired_backend_finishes_what_it_began_and_can_be_attached_anew() {
    mesh.engine("a", 1, "m");
    Client client = mesh.submit("m");
    FakeEngine old = mesh.at("a");
    mesh.dispatcher.retire(Ensemble.id("a"));
    FakeEngine next = mesh.attach("a", 1);
    assertThat(mesh.submit("m").assignments).hasSize(1);
    assertThat(next.running()).hasSize(1);
    assertThat(mesh.dispatcher.active(Ensemble.id("a"))).isEqualTo(2);
    old.only().finish();
    assertThat(client.done).isTrue();
    assertThat(mesh.dispatcher.free(Ensemble.id("a"))).isZero();
    assertThat(mesh.dispatcher.active(Ensemble.id("a"))).isEqualTo(1);
  }

  @Test
  void an_engine_that_sends_no_first_piece_is_left_for_another() {
    var limits = new DispatchLimits(9, 3, Duration.ofSeconds(60), Duration.ofSeconds(10), 9);
    var small = new Ensemble(limits, RoutingStrategy.echo());
    small.engine("a", 1, "m");
    small.engine("b", 1, "m");
    Client client = small.submit("m");
    small.seconds(59);
    assertThat(client.assignments).hasSize(1);
    small.seconds(2);
    assertThat(client.where()).isEqualTo("b/ollama");
    assertThat(small.at("a").all.getFirst().cancelled).isTrue();
    assertThat(small.attemptFailures.getFirst().code()).isEqualTo(FailureCode.ENGINE_STALLED);
  }

  @Test
  void a_stream_that_falls_silent_is_ended_and_the_client_is_told() {
    var limits = new DispatchLimits(9, 3, Duration.ofSeconds(60), Duration.ofSeconds(10), 9);
    var small = new Ensemble(limits, RoutingStrategy.echo());
    FakeEngine engine = small.engine("a", 1, "m");
    Client client = small.submit("m");
    for (int i = 0; i < 20; i++) {
      small.seconds(9);
      engine.only().say("x");
    }
    assertThat(client.ends).isZero();
    small.seconds(61);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.ENGINE_STALLED);
    assertThat(engine.all.getFirst().cancelled).isTrue();
    assertThat(small.dispatcher.active()).isZero();
  }

  @Test
  void a_stream_whose_reader_has_stopped_is_not_taken_for_a_stalled_one() {
    var limits = new DispatchLimits(9, 3, Duration.ofSeconds(60), Duration.ofSeconds(10), 9);
    var small = new Ensemble(limits, RoutingStrategy.echo());
    FakeEngine engine = small.engine("a", 1, "m");
    var ask = small.ask("m");
    Client client = ask.submit();
    engine.only().say("x");
    ask.handle().pause();
    small.seconds(300);
    assertThat(client.ends).isZero();
    ask.handle().resume();
    small.seconds(9);
    assertThat(client.ends).isZero();
    small.seconds(12);
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.ENGINE_STALLED);
  }

  @Test
  void an_attempt_that_has_ended_cannot_be_heard_any_more() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client client = mesh.submit("m");
    FakeEngine.Exchange old = mesh.at("a").only();
    old.fail(FailureCode.ENGINE_ERROR, UNSAFE);
    old.say("late");
    mesh.at("a").returnsSlots = false;
    old.finish();
    old.fail(FailureCode.ENGINE_ERROR, UNSAFE);
    assertThat(client.pieces).isEmpty();
    assertThat(client.ends).isZero();
    assertThat(client.where()).isEqualTo("b/ollama");
  }

  @Test
  void what_runs_on_an_engine_that_goes_down_begins_anew_elsewhere_unless_it_was_written() {
    mesh.engine("a", 2, "m");
    Client fresh = mesh.submit("m");
    Client written = mesh.submit("m");
    mesh.at("a").running().getLast().say("piece");
    mesh.engine("b", 1, "m");
    mesh.down("a");
    mesh.dispatcher.lost(Ensemble.id("a"));
    assertThat(fresh.where()).isEqualTo("b/ollama");
    assertThat(written.where()).isEqualTo("a/ollama");
    mesh.at("a").only().finish();
    assertThat(written.done).isTrue();
  }

  @Test
  void what_runs_on_the_only_engine_is_left_to_it() {
    mesh.engine("a", 1, "m");
    Client client = mesh.submit("m");
    mesh.down("a");
    mesh.dispatcher.lost(Ensemble.id("a"));
    mesh.at("a").only().finish();
    assertThat(client.done).isTrue();
  }
}
