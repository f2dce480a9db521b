package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.fleet.BackendView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class QueueTest {
  private final Ensemble mesh = new Ensemble();

  @Test
  void n_tasks_run_on_n_engines_and_the_next_one_waits_and_then_runs() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    mesh.engine("c", 1, "m");
    var clients = new ArrayList<Client>();
    for (int i = 0; i < 4; i++) {
      clients.add(mesh.submit("m"));
    }
    assertThat(clients.subList(0, 3))
        .extracting(Client::where)
        .containsExactlyInAnyOrder("a/ollama", "b/ollama", "c/ollama");
    assertThat(clients.get(3).position).isEqualTo(1);
    mesh.seconds(2);
    mesh.at("b").only().finish();
    assertThat(clients.get(3).where()).isEqualTo("b/ollama");
    assertThat(clients.get(3).assignments.getLast().queued()).isEqualTo(Duration.ofSeconds(2));
    assertThat(mesh.queueSizes).containsExactly(1, 0);
  }

  @Test
  void higher_priority_goes_first_and_then_whoever_came_first() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.submit("m");
    Client late = mesh.ask("m").priority(0).submit();
    Client first = mesh.ask("m").priority(5).submit();
    Client second = mesh.ask("m").priority(5).submit();
    Client urgent = mesh.ask("m").priority(9).submit();
    assertThat(List.of(late.position, first.position, second.position, urgent.position))
        .containsExactly(1, 1, 2, 1);
    assertThat(mesh.dispatcher.queueView().waiting())
        .extracting(TaskView::priority)
        .containsExactly(9, 5, 5, 0);
    for (Client next : List.of(urgent, first, second, late)) {
      assertThat(next.assignments).isEmpty();
      engine.only().finish();
      assertThat(next.assignments).hasSize(1);
    }
  }

  @Test
  void a_task_whose_model_is_not_there_holds_nobody_up() {
    FakeEngine a = mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "other");
    mesh.submit("m");
    mesh.submit("other");
    Client stuck = mesh.ask("other").priority(9).submit();
    Client behind = mesh.submit("m");
    a.only().finish();
    assertThat(behind.assignments).hasSize(1);
    assertThat(stuck.assignments).isEmpty();
  }

  @Test
  void a_task_that_waited_too_long_is_told_so_with_an_estimate() {
    mesh.engine("a", 1, "m");
    mesh.submit("m");
    Client waits = mesh.ask("m").ttl(Duration.ofSeconds(1)).submit();
    mesh.seconds(0.9);
    assertThat(waits.ends).isZero();
    mesh.seconds(0.2);
    assertThat(waits.ends).isEqualTo(1);
    assertThat(waits.whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertThat(waits.whyNot().retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
    assertThat(waits.whyNot().retryAfter()).isPositive();
    assertThat(mesh.records.getLast().outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(mesh.records.getLast().queued()).isEqualTo(Duration.ofSeconds(1));
    assertThat(mesh.dispatcher.waiting()).isZero();
    assertThat(mesh.queueSizes).containsExactly(1, 0);
  }

  @Test
  void a_task_that_will_not_wait_is_refused_at_once() {
    mesh.engine("a", 1, "m");
    mesh.submit("m");
    Client hasty = mesh.ask("m").ttl(Duration.ZERO).submit();
    assertThat(hasty.whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertThat(hasty.timesQueued).isZero();
    assertThat(mesh.time.pendingTimers()).as("the watchdog and the gauge").isEqualTo(2);
  }

  @Test
  void a_full_queue_refuses_at_once_with_an_estimate() {
    var limits = new DispatchLimits(2, 3, Duration.ofMinutes(1), Duration.ofMinutes(1), 10);
    var small = new Ensemble(limits, RoutingStrategy.echo());
    small.engine("a", 1, "m");
    small.submit("m");
    small.submit("m");
    small.submit("m");
    Client refused = small.submit("m");
    assertThat(refused.whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertThat(refused.whyNot().retryAfter()).isPositive();
    assertThat(small.dispatcher.waiting()).isEqualTo(2);
    assertThat(small.dispatcher.queueView().limit()).isEqualTo(2);
  }

  @Test
  void a_client_that_leaves_while_queued_hears_nothing_and_its_place_is_free() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.submit("m");
    var gone = mesh.ask("m");
    Client silent = gone.submit();
    Client next = mesh.submit("m");
    gone.handle().cancel();
    gone.handle().cancel();
    engine.only().finish();
    assertThat(silent.ends).isZero();
    assertThat(silent.assignments).isEmpty();
    assertThat(next.assignments).hasSize(1);
    assertThat(mesh.records)
        .extracting(TaskRecord::outcome)
        .containsExactly(Outcome.CANCELLED, Outcome.DONE);
  }

  @Test
  void a_client_that_leaves_while_running_makes_the_engine_stop_and_frees_its_slot() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    var gone = mesh.ask("m");
    Client silent = gone.submit();
    Client next = mesh.submit("m");
    engine.only().say("hello");
    gone.handle().cancel();
    assertThat(engine.all.getFirst().cancelled).isTrue();
    assertThat(silent.ends).isZero();
    assertThat(next.assignments).hasSize(1);
    assertThat(mesh.dispatcher.active()).isEqualTo(1);
  }

  @Test
  void a_slot_counts_as_free_only_when_the_engine_gives_it_back() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    engine.returnsSlots = false;
    mesh.submit("m");
    Client next = mesh.submit("m");
    engine.only().finish();
    assertThat(next.assignments).isEmpty();
    assertThat(mesh.dispatcher.active(Ensemble.id("a"))).isZero();
    engine.returnOwed();
    assertThat(next.assignments).hasSize(1);
  }

  @Test
  void closing_a_slot_that_is_not_free_is_a_fault() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    engine.close();
    assertThat(mesh.dispatcher.free(Ensemble.id("a"))).isZero();
    assertThatThrownBy(engine::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("free slots of a/ollama: 0 (expected: >= 1 when one closes)");
  }

  @Test
  void an_engine_attached_before_the_fleet_knows_it_gets_work_once_it_is_up() {
    mesh.engine("b", 1, "m");
    mesh.down("b");
    Client waits = mesh.submit("m");
    FakeEngine early = mesh.attach("a", 1);
    assertThat(early.all).isEmpty();
    mesh.fleet.addDirect(Ensemble.id("a"), new NodeId("a"), "a", "u", OptionalInt.of(1));
    mesh.up("a", "m");
    assertThat(waits.where()).isEqualTo("a/ollama");
  }

  @Test
  void a_task_that_is_aborted_by_somebody_else_is_told_to_its_client() {
    mesh.engine("a", 1, "m");
    var ask = mesh.ask("m");
    Client client = ask.submit();
    assertThat(mesh.dispatcher.abort(ask.task().id(), "cancelled by its owner")).isTrue();
    assertThat(client.whyNot().code()).isEqualTo(FailureCode.CANCELLED);
    assertThat(mesh.dispatcher.abort(ask.task().id(), "again")).isFalse();
    assertThat(mesh.dispatcher.active()).isZero();
  }

  @Test
  void a_listener_that_cancels_when_it_is_told_something_upsets_nobody() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.submit("m");
    var ask = mesh.ask("m");
    Client second = mesh.submit("m");
    var canceller =
        new TaskListener<String>() {
          @Override
          public void queued(int position) {}

          @Override
          public void assigned(Assignment assignment) {
            ask.handle().cancel();
          }

          @Override
          public boolean event(String event) {
            throw new AssertionError("nothing may come after the cancellation");
          }

          @Override
          public void done(AnswerUsage usage) {
            event("done");
          }

          @Override
          public void failed(Failure failure) {
            event("failed");
          }
        };
    ask.submit(canceller);
    engine.only().finish();
    engine.only().finish();
    assertThat(second.done).isTrue();
    assertThat(mesh.dispatcher.active()).isZero();
    assertThat(mesh.dispatcher.free(Ensemble.id("a"))).isEqualTo(1);
  }

  @Test
  void a_listener_that_throws_ends_its_own_task_only() {
    FakeEngine engine = mesh.engine("a", 2, "m");
    var failures = new ArrayList<FailureCode>();
    mesh.ask("m")
        .submit(
            new TaskListener<>() {
              @Override
              public void queued(int position) {}

              @Override
              public void assigned(Assignment assignment) {}

              @Override
              public boolean event(String event) {
                throw new IllegalStateException("a fault of the listener's own");
              }

              @Override
              public void done(AnswerUsage usage) {}

              @Override
              public void failed(Failure failure) {
                failures.add(failure.code());
              }
            });
    Client other = mesh.submit("m");
    engine.all.getFirst().say("boom");
    assertThat(engine.all.getFirst().cancelled).isTrue();
    assertThat(failures).containsExactly(FailureCode.INTERNAL);
    engine.only().finish();
    assertThat(other.done).isTrue();
  }

  @Test
  void pausing_reaches_the_attempt_also_when_it_begins_later() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    var running = mesh.ask("m");
    running.submit();
    running.handle().pause();
    assertThat(engine.only().paused).isTrue();
    running.handle().resume();
    assertThat(engine.only().paused).isFalse();
    var waiting = mesh.ask("m");
    waiting.submit();
    waiting.handle().pause();
    engine.only().finish();
    assertThat(engine.only().paused).isTrue();
  }

  @Test
  void tasks_under_way_and_those_that_ended_last_can_be_seen() {
    var limits = new DispatchLimits(9, 3, Duration.ofMinutes(1), Duration.ofMinutes(1), 2);
    var small = new Ensemble(limits, RoutingStrategy.echo());
    FakeEngine engine = small.engine("a", 1, "m");
    for (int i = 0; i < 5; i++) {
      small.submit("m");
    }
    for (int i = 0; i < 3; i++) {
      engine.only().finish();
    }
    assertThat(small.dispatcher.finished())
        .extracting(record -> record.id().value())
        .containsExactly("t-1", "t-2");
    assertThat(small.dispatcher.tasks())
        .extracting(TaskView::position, view -> view.running().isPresent())
        .containsExactly(tuple(0, true), tuple(1, false));
  }

  @Test
  void an_explanation_ranks_every_place_and_starts_nothing() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    mesh.engine("c", 1, "m");
    mesh.memory("b", 4);
    mesh.down("c");
    Explanation told = mesh.dispatcher.explain(mesh.ask("m").task());
    assertThat(told.places())
        .extracting(place -> place.rank() + " " + place.backend() + " " + place.why())
        .containsExactly(
            "1 b/ollama exact model; 0 of 1 slots busy; 4.0 GiB free",
            "2 a/ollama exact model; 0 of 1 slots busy; free memory unknown",
            "0 c/ollama down: refused");
    assertThat(mesh.dispatcher.active()).isZero();
    mesh.submit("m");
    mesh.submit("m");
    Explanation busy = mesh.dispatcher.explain(mesh.ask("m").task());
    assertThat(busy.places().getFirst().why()).isEqualTo("all slots busy (1 of 1)");
    assertThat(busy.waiting().likely()).isPositive();
    assertThat(mesh.dispatcher.explain(mesh.ask("nosuch").task()).refusal()).isPresent();
  }

  @Test
  void another_strategy_holds_from_the_next_choice_on() {
    mesh.engine("a", 4, "m");
    mesh.engine("b", 4, "m");
    mesh.memory("a", 8);
    mesh.dispatcher.setStrategy(RoutingStrategy.roundRobin());
    assertThat(mesh.submit("m").where()).isEqualTo("a/ollama");
    assertThat(mesh.submit("m").where()).isEqualTo("b/ollama");
    mesh.at("b").only().finish();
    assertThat(mesh.submit("m").where()).isEqualTo("a/ollama");
    assertThat(mesh.submit("m").assignments.getLast().why()).startsWith("round-robin: ");
  }

  private static final Licence DOUBLE = weighing(2);

  private static Licence weighing(double weight) {
    return new Licence() {
      @Override
      public String bar(ModelName model, BackendView backend) {
        return model.value().equals("forbidden") ? "not for you" : "";
      }

      @Override
      public double weight() {
        return weight;
      }
    };
  }

  @Test
  void who_has_twice_the_share_gets_twice_the_turns() {
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.submit("m");
    var usual = new ArrayList<Client>();
    var twice = new ArrayList<Client>();
    for (int i = 0; i < 12; i++) {
      usual.add(mesh.ask("m").principal("usual").submit());
      twice.add(mesh.ask("m").principal("twice").under(DOUBLE).submit());
    }
    for (int i = 0; i < 12; i++) {
      engine.only().finish();
    }
    assertThat(usual.stream().filter(each -> !each.assignments.isEmpty()).count())
        .isBetween(3L, 5L);
    assertThat(twice.stream().filter(each -> !each.assignments.isEmpty()).count())
        .isBetween(7L, 9L);
  }

  @Test
  void what_a_licence_bars_is_refused_with_its_reason() {
    mesh.engine("a", 1, "forbidden");
    Client refused = mesh.ask("forbidden").under(DOUBLE).submit();
    assertThat(refused.whyNot().code()).isEqualTo(FailureCode.FORBIDDEN);
    assertThat(refused.whyNot().message()).contains("a/ollama: not for you");
  }
}
