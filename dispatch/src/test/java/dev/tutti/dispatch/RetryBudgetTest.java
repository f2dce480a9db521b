package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class RetryBudgetTest {
  private static final Retry UNSAFE = Retry.UNSAFE_MAY_HAVE_ACTED;

  private final Ensemble mesh = new Ensemble();

  @Test
  void work_that_is_done_twice_is_bounded_and_all_of_it_is_done_in_the_end() {
    mesh.engine("a", 10, "m");
    var clients = new ArrayList<Client>();
    for (int i = 0; i < 10; i++) {
      clients.add(mesh.submit("m"));
    }
    mesh.engine("b", 10, "m");
    for (var exchange : mesh.at("a").running()) {
      exchange.fail(FailureCode.ENGINE_UNREACHABLE, UNSAFE);
    }
    mesh.down("a");
    assertThat(mesh.at("b").running()).hasSize(RetryBudget.LEAST);
    for (int rounds = 0; rounds < 10; rounds++) {
      assertThat(mesh.at("b").running()).hasSizeLessThanOrEqualTo(RetryBudget.LEAST);
      mesh.at("b").running().forEach(FakeEngine.Exchange::finish);
      mesh.seconds(0.3);
    }
    assertThat(clients).allMatch(client -> client.done);
  }

  /// Attempts that were begun for so many tasks, of which one engine fails each second one at once.
  private double attemptsPerTask(int tasks) {
    mesh.engine("a", 4, "m");
    mesh.engine("b", 4, "m");
    int failed = 0;
    for (int i = 0; i < tasks; i++) {
      mesh.submit("m");
      for (int look = 0; look < 2; look++) {
        boolean well = failed % 2 == 1;
        for (var exchange : mesh.at("a").running()) {
          failed++;
          if (well) {
            exchange.finish();
          } else {
            exchange.fail(FailureCode.ENGINE_ERROR, UNSAFE);
          }
          well = !well;
        }
        mesh.at("b").running().forEach(FakeEngine.Exchange::finish);
        mesh.seconds(0.05);
      }
    }
    assertThat(failed).isGreaterThan(tasks / 3);
    return (double) (mesh.at("a").all.size() + mesh.at("b").all.size()) / tasks;
  }

  @Test
  void while_others_wait_few_are_repeated_for_long() {
    mesh.engine("c", 1, "m");
    mesh.ask("m").pin("c").submit();
    mesh.ask("m").pin("c").ttl(Duration.ofHours(1)).submit();
    assertThat(attemptsPerTask(400)).isLessThan(1.2);
  }

  @Test
  void where_nobody_waits_a_bad_engine_harms_nobody() {
    assertThat(attemptsPerTask(400)).isGreaterThan(1.3);
    assertThat(mesh.records).hasSize(400).allMatch(record -> record.outcome() == Outcome.DONE);
  }

  @Test
  void what_was_repeated_while_nobody_waited_counts_when_somebody_does() {
    mesh.engine("c", 1, "m");
    assertThat(attemptsPerTask(40)).isGreaterThan(1.3);
    mesh.ask("m").pin("c").submit();
    mesh.ask("m").pin("c").ttl(Duration.ofHours(1)).submit();
    int before = mesh.records.size();
    mesh.submit("m");
    mesh.submit("m");
    fail(mesh.at("a"));
    mesh.seconds(0.3);
    assertThat(mesh.at("b").running()).as("those that were not given to it first").hasSize(1);
    assertThat(mesh.records).as("nobody is refused at once").hasSize(before);
  }

  @Test
  void an_engine_that_errs_again_and_again_rests_and_what_waits_is_not_burned_on_it() {
    mesh.engine("a", 4, "m");
    mesh.engine("b", 1, "m");
    for (int i = 0; i < 60; i++) {
      mesh.ask("m").ttl(Duration.ofHours(1)).submit();
    }
    for (int i = 0; i < 40; i++) {
      fail(mesh.at("a"));
      mesh.at("b").running().forEach(FakeEngine.Exchange::finish);
      mesh.seconds(0.05);
    }
    // Its four slots, and then in two seconds one attempt each half of one.
    assertThat(mesh.at("a").all.size()).isLessThanOrEqualTo(4 + 5);
    fail(mesh.at("a"));
    mesh.seconds(0.6);
    assertThat(mesh.at("a").running()).as("one shows whether it is well").hasSize(1);
    mesh.at("a").only().say("well");
    assertThat(mesh.at("a").running()).as("then it has what it can do").hasSize(4);
  }

  @Test
  void an_engine_that_lacks_one_model_goes_on_with_others() {
    mesh.engine("a", 1, "m");
    for (int i = 0; i < 5; i++) {
      mesh.submit("m");
      mesh.at("a").only().fail(FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED);
    }
    Client next = mesh.submit("m");
    mesh.at("a").only().finish();
    assertThat(next.done).isTrue();
  }

  @Test
  void an_engine_that_erred_once_goes_on() {
    mesh.engine("a", 1, "m");
    for (int i = 0; i < 20; i++) {
      mesh.submit("m");
      mesh.at("a").only().fail(FailureCode.ENGINE_ERROR, Retry.POINTLESS);
      Client next = mesh.submit("m");
      mesh.at("a").only().finish();
      assertThat(next.done).isTrue();
    }
  }

  private static int fail(FakeEngine engine) {
    List<FakeEngine.Exchange> running = engine.running();
    running.forEach(exchange -> exchange.fail(FailureCode.ENGINE_ERROR, UNSAFE));
    return running.size();
  }

  @Test
  void what_an_engine_had_that_does_not_answer_any_more_is_not_counted() {
    mesh.engine("a", 10, "m");
    for (int i = 0; i < 10; i++) {
      mesh.submit("m");
    }
    mesh.engine("b", 10, "m");
    mesh.down("a");
    mesh.dispatcher.lost(Ensemble.id("a"));
    assertThat(mesh.at("b").running()).hasSize(10);
  }

  @Test
  void what_was_never_begun_is_not_counted() {
    mesh.engine("a", 10, "m");
    for (int i = 0; i < 10; i++) {
      mesh.submit("m");
    }
    mesh.engine("b", 10, "m");
    for (var exchange : mesh.at("a").running()) {
      exchange.fail(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED);
    }
    assertThat(mesh.at("b").running()).hasSize(10);
  }

  @Test
  void another_machine_is_asked_before_another_engine_of_the_same() {
    mesh.engine("a", 1, "m");
    var second = second("a");
    mesh.engine("b", 1, "m");
    Client blocked = mesh.submit("m");
    Client client = mesh.submit("m");
    Client third = mesh.submit("m");
    assertThat(List.of(blocked.where(), client.where(), third.where()))
        .containsExactlyInAnyOrder("a/ollama", "a/second", "b/ollama");
    second.only().finish();
    mesh.at("a").only().fail(FailureCode.ENGINE_ERROR, UNSAFE);
    assertThat(second.running()).as("the other machine is busy, but it is another").isEmpty();
    mesh.at("b").only().finish();
    assertThat(mesh.at("b").running()).hasSize(1);
  }

  @Test
  void another_engine_of_the_same_machine_is_better_than_none() {
    mesh.engine("a", 1, "m");
    var second = second("a");
    Client client = mesh.submit("m");
    var first = mesh.at("a").running().isEmpty() ? second : mesh.at("a");
    first.only().fail(FailureCode.ENGINE_ERROR, UNSAFE);
    assertThat(client.assignments).hasSize(2);
  }

  private FakeEngine second(String node) {
    var id = new dev.tutti.core.BackendId(node + "/second");
    var engine = new FakeEngine(mesh.dispatcher.slots(id));
    mesh.dispatcher.attach(id, engine);
    engine.open(1);
    mesh.fleet.addDirect(id, new NodeId(node), node, "http://" + node + ":2", OptionalInt.of(1));
    mesh.fleet.probed(id, Ensemble.facts(List.of(Ensemble.model("m")), false));
    return engine;
  }
}
