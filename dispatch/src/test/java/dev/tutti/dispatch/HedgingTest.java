package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Bytes;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.testkit.Seed;
import dev.tutti.testkit.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Late embeddings and classifications are given to a second machine too, within a small budget.
class HedgingTest {
  private static final String MODEL = "both=embedding+completion";

  private final Ensemble ensemble = new Ensemble();

  @BeforeEach
  void two_machines_with_the_model_in_memory() {
    machine("ash", 4);
    machine("birch", 4);
    ensemble.dispatcher.setHedging(true);
  }

  private void machine(String node, int slots) {
    ensemble.engine(node, slots, MODEL);
    loaded(node);
  }

  private void loaded(String node) {
    ModelFacts cold = Ensemble.model(MODEL);
    var warm =
        new ModelFacts(
            cold.name(),
            cold.type(),
            cold.size(),
            cold.digest(),
            cold.contextTokens(),
            new ModelFacts.Loaded(true, Bytes.UNKNOWN, Bytes.UNKNOWN, 0, ""),
            cold.capabilities(),
            cold.details(),
            cold.modifiedAt());
    ensemble.fleet.probed(Ensemble.id(node), Ensemble.facts(List.of(warm), false));
  }

  private Client embed() {
    return ensemble.ask("both").type(TaskType.EMBED).submit();
  }

  private FakeEngine.Exchange at(Client client) {
    String backend = client.where();
    return ensemble.at(backend.substring(0, backend.indexOf('/'))).only();
  }

  /// So many tasks that take 100 ms each: enough for one second attempt for each fifty.
  private void usual(int tasks) {
    for (int i = 0; i < tasks; i++) {
      Client client = embed();
      ensemble.seconds(0.1);
      FakeEngine.Exchange running = at(client);
      running.say("vectors");
      running.finish();
    }
  }

  private FakeEngine other(Client client) {
    return ensemble.at(client.where().startsWith("ash") ? "birch" : "ash");
  }

  @Test
  void who_is_late_is_overtaken_by_an_idle_machine() {
    usual(100);
    Client client = embed();
    FakeEngine.Exchange first = at(client);
    FakeEngine second = other(client);
    assertThat(second.running()).isEmpty();
    ensemble.seconds(0.101);
    assertThat(second.running()).hasSize(1);
    assertThat(client.assignments).as("who answers is not known yet").hasSize(1);

    FakeEngine.Exchange faster = second.only();
    faster.say("vectors");
    assertThat(first.cancelled).isTrue();
    faster.finish();

    assertThat(client.done).isTrue();
    assertThat(client.pieces).containsExactly("vectors");
    assertThat(client.assignments.getLast().attempt()).isEqualTo(2);
    assertThat(client.assignments.getLast().why()).contains("asked as well, since");
    TaskRecord record = ensemble.records.getLast();
    assertThat(record.attempts()).isEqualTo(2);
    assertThat(record.outcome()).isEqualTo(Outcome.DONE);
    assertThat(record.last()).contains(client.assignments.getLast());
    assertThat(ensemble.dispatcher.active()).isZero();
  }

  @Test
  void the_first_one_may_still_win() {
    usual(100);
    Client client = embed();
    FakeEngine.Exchange first = at(client);
    FakeEngine second = other(client);
    ensemble.seconds(0.2);
    FakeEngine.Exchange asWell = second.only();
    first.say("vectors");
    assertThat(asWell.cancelled).isTrue();
    first.finish();
    assertThat(client.done).isTrue();
    assertThat(client.assignments).hasSize(1);
    assertThat(ensemble.dispatcher.active()).isZero();
  }

  @Test
  void whichever_fails_the_other_one_answers() {
    usual(200);
    Client one = embed();
    FakeEngine.Exchange first = at(one);
    FakeEngine second = other(one);
    ensemble.seconds(0.2);
    first.fail(FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED);
    assertThat(one.ends).isZero();
    FakeEngine.Exchange left = second.only();
    left.say("vectors");
    left.finish();
    assertThat(one.done).isTrue();

    Client two = embed();
    FakeEngine.Exchange staying = at(two);
    FakeEngine failing = other(two);
    ensemble.seconds(0.2);
    failing.only().fail(FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED);
    assertThat(two.ends).isZero();
    staying.say("vectors");
    staying.finish();
    assertThat(two.done).isTrue();
    assertThat(two.assignments).hasSize(1);
    assertThat(ensemble.dispatcher.active()).isZero();
  }

  @Test
  void whoever_leaves_ends_both() {
    usual(100);
    var ask = ensemble.ask("both").type(TaskType.EMBED);
    Client client = ask.submit();
    FakeEngine.Exchange first = at(client);
    FakeEngine second = other(client);
    ensemble.seconds(0.2);
    FakeEngine.Exchange asWell = second.only();
    ask.handle().cancel();
    assertThat(first.cancelled).isTrue();
    assertThat(asWell.cancelled).isTrue();
    assertThat(ensemble.dispatcher.active()).isZero();
    assertThat(ensemble.records.getLast().outcome()).isEqualTo(Outcome.CANCELLED);
  }

  @Test
  void nobody_is_asked_as_well_for_a_chat_or_when_it_is_not_wanted() {
    usual(100);
    Client chat = ensemble.ask("both").type(TaskType.CHAT).submit();
    ensemble.seconds(60);
    assertThat(other(chat).running()).isEmpty();
    at(chat).finish();

    ensemble.dispatcher.setHedging(false);
    Client client = embed();
    ensemble.seconds(60);
    assertThat(other(client).running()).isEmpty();
  }

  @Test
  void nobody_is_asked_as_well_who_has_to_load_the_model_or_is_on_the_same_machine() {
    usual(100);
    ensemble.up("ash", MODEL);
    ensemble.up("birch", MODEL);
    Client client = embed();
    ensemble.seconds(60);
    assertThat(other(client).running()).isEmpty();
  }

  @Test
  void a_slot_that_somebody_waits_for_is_not_idle() {
    usual(100);
    ensemble.engine("cedar", 1, "llama3.1:8b");
    Client busy = ensemble.submit("llama3.1:8b");
    ensemble.submit("llama3.1:8b");
    Client client = embed();
    ensemble.seconds(1);
    assertThat(other(client).running()).isEmpty();
    assertThat(busy.ends).isZero();
  }

  @Seeds(20)
  void never_more_than_two_in_a_hundred_and_never_two_answers(Seed seed) {
    var random = seed.random();
    machine("cedar", 4);
    List<Client> clients = new ArrayList<>();
    Map<FakeEngine.Exchange, Double> ends = new HashMap<>();
    double now = 0;
    for (int step = 0; step < 6_000; step++) {
      if (step % 40 == 0) {
        ensemble.engines.keySet().forEach(this::loaded);
      }
      if (step % 4 == 0 && step < 3_600) {
        clients.add(embed());
      }
      for (FakeEngine engine : ensemble.engines.values()) {
        for (FakeEngine.Exchange exchange : engine.running()) {
          double takes = random.nextInt(10) == 0 ? 2 : 0.05 + 0.05 * random.nextDouble();
          double end = ends.computeIfAbsent(exchange, fresh(now + takes));
          if (end <= now) {
            if (random.nextInt(20) == 0) {
              exchange.fail(FailureCode.ENGINE_BUSY, Retry.SAFE_NOT_STARTED);
            } else {
              exchange.say("vectors");
              exchange.finish();
            }
          }
        }
      }
      ensemble.seconds(0.025);
      now += 0.025;
    }
    int second =
        ensemble.engines.values().stream().mapToInt(engine -> engine.all.size()).sum()
            - ensemble.attemptFailures.size()
            - clients.size();
    assertThat(second).isLessThanOrEqualTo((int) (0.02 * clients.size()) + 1);
    assertThat(clients).allSatisfy(client -> assertThat(client.ends).isEqualTo(1));
    assertThat(clients.stream().filter(client -> client.done))
        .allSatisfy(client -> assertThat(client.pieces).containsExactly("vectors"));
    assertThat(ensemble.dispatcher.active()).isZero();
  }

  private static java.util.function.Function<FakeEngine.Exchange, Double> fresh(double end) {
    return _ -> end;
  }
}
