package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Engines here answer in ten pieces within a second.
final class AdmissionTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final List<FakeEngine.Exchange> paced = new ArrayList<>();

  private static Ensemble mesh(int maxQueued) {
    return new Ensemble(
        new DispatchLimits(maxQueued, 3, Duration.ofMinutes(1), Duration.ofMinutes(1), 10),
        RoutingStrategy.leastBusy());
  }

  private void pace(Ensemble mesh, FakeEngine engine) {
    for (FakeEngine.Exchange exchange : engine.running()) {
      if (!paced.contains(exchange)) {
        paced.add(exchange);
        for (int i = 1; i < 10; i++) {
          mesh.time.after(SECOND.dividedBy(10).multipliedBy(i), () -> exchange.say("x"));
        }
        mesh.time.after(
            SECOND,
            () -> {
              exchange.finish();
              pace(mesh, engine);
            });
      }
    }
  }

  /// Runs the engine until estimates have been compared with the truth often enough.
  private FakeEngine warm(Ensemble mesh) {
    FakeEngine engine = mesh.engine("a", 1, "m");
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 6; i++) {
        mesh.ask("m").ttl(Duration.ofMinutes(1)).submit();
      }
      pace(mesh, engine);
      mesh.seconds(8);
    }
    assertThat(mesh.dispatcher.active()).isZero();
    return engine;
  }

  private static List<Client> submit(Ensemble mesh, int count, Duration ttl) {
    var clients = new ArrayList<Client>();
    for (int i = 0; i < count; i++) {
      clients.add(mesh.ask("m").ttl(ttl).submit());
    }
    return clients;
  }

  @Test
  void who_would_wait_too_long_is_refused_at_once_and_told_how_long_it_would_be() {
    Ensemble mesh = mesh(100);
    FakeEngine engine = warm(mesh);
    var clients = submit(mesh, 60, Duration.ofSeconds(20));
    pace(mesh, engine);
    assertThat(clients.stream().filter(client -> client.ends == 0).count()).isBetween(15L, 30L);
    Client refused = clients.getLast();
    assertThat(refused.timesQueued).isZero();
    assertThat(refused.whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertThat(refused.whyNot().retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
    assertThat(refused.whyNot().message())
        .isEqualTo(
            "every backend with \"m\" is busy for longer than the request would wait, try again"
                + " later");
    assertThat(refused.whyNot().retryAfter())
        .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(35));
    assertThat(mesh.records.getLast().queued()).isZero();
    Client patient = mesh.ask("m").ttl(Duration.ofMinutes(1)).submit();
    WaitEstimate expected = Objects.requireNonNull(patient.expected);
    assertThat(expected.proven()).isTrue();
    assertThat(expected.likely()).isBetween(Duration.ofSeconds(12), Duration.ofSeconds(35));
    assertThat(expected.hopeful()).isLessThanOrEqualTo(expected.likely());
    assertThat(expected.cautious()).isGreaterThanOrEqualTo(expected.likely());
    assertThat(mesh.dispatcher.queueView().waiting().getLast().expected().orElseThrow().likely())
        .isBetween(Duration.ofSeconds(12), Duration.ofSeconds(35));
    mesh.seconds(25);
    assertThat(clients.stream().filter(client -> client.done).count()).isGreaterThan(15);
  }

  @Test
  void who_has_less_time_than_others_of_its_asker_goes_before_them_and_is_not_refused() {
    Ensemble mesh = mesh(100);
    FakeEngine engine = warm(mesh);
    submit(mesh, 11, Duration.ofMinutes(1));
    pace(mesh, engine);
    assertThat(mesh.ask("m").ttl(Duration.ofSeconds(3)).submit().position).isEqualTo(1);
  }

  @Test
  void a_hub_that_has_seen_little_refuses_nobody() {
    Ensemble mesh = mesh(100);
    FakeEngine engine = mesh.engine("a", 1, "m");
    var clients = submit(mesh, 10, Duration.ofSeconds(3));
    pace(mesh, engine);
    assertThat(clients).allSatisfy(client -> assertThat(client.ends).isZero());
    mesh.seconds(4);
    assertThat(clients.stream().filter(client -> client.ends == 1 && !client.done)).isNotEmpty();
  }

  @Test
  void who_has_nobody_up_to_ask_waits_for_one() {
    Ensemble mesh = mesh(100);
    warm(mesh);
    mesh.down("a");
    Client waits = mesh.ask("m").ttl(SECOND).submit();
    assertThat(waits.ends).isZero();
    mesh.seconds(1.1);
    assertThat(waits.whyNot().message()).contains("is down");
  }

  @Test
  void each_band_has_room_of_its_own() {
    Ensemble mesh = mesh(3);
    mesh.engine("a", 1, "m");
    mesh.submit("m");
    for (int i = 0; i < 3; i++) {
      assertThat(mesh.ask("m").priority(2).submit().ends).isZero();
    }
    Client tooMany = mesh.ask("m").priority(0).submit();
    assertThat(tooMany.whyNot().message()).contains("busy, and too many wait already");
    assertThat(mesh.ask("m").priority(5).submit().ends).isZero();
    assertThat(mesh.ask("m").priority(9).submit().ends).isZero();
    assertThat(mesh.dispatcher.queueView().shares())
        .extracting(QueueView.Share::waiting)
        .containsExactly(1, 1, 3);
  }

  @Test
  void what_waits_may_hold_so_many_bytes_and_one_alone_always_may() {
    Ensemble mesh = mesh(100);
    mesh.engine("a", 1, "m");
    mesh.submit("m");
    assertThat(heavy(mesh, Band.INTERACTIVE.maxBytes().value() + 1).ends).isZero();
    assertThat(heavy(mesh, 1).whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertThat(mesh.ask("m").priority(9).submit().ends).isZero();
    assertThat(mesh.dispatcher.queueView().shares().get(1).bytes())
        .isEqualTo(Band.INTERACTIVE.maxBytes().value() + 1);
  }

  private static Client heavy(Ensemble mesh, long bytes) {
    var client = new Client();
    client.heldBytes = bytes;
    mesh.ask("m").submit(client);
    return client;
  }

  @Test
  void who_has_most_of_a_full_queue_makes_room_for_who_has_less() {
    Ensemble mesh = mesh(4);
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.submit("m");
    var greedy = new ArrayList<Client>();
    for (int i = 0; i < 4; i++) {
      greedy.add(mesh.ask("m").principal("greedy").submit());
    }
    Client modest = mesh.ask("m").principal("modest").submit();
    assertThat(modest.ends).isZero();
    assertThat(greedy.getLast().whyNot().code()).isEqualTo(FailureCode.BUSY);
    assertThat(mesh.ask("m").principal("greedy").submit().ends).isEqualTo(1);
    engine.only().finish();
    engine.only().finish();
    assertThat(modest.assignments).as("its turn comes before the greedy's second").hasSize(1);
  }

  @Test
  void a_task_that_comes_back_always_finds_room() {
    Ensemble mesh = mesh(1);
    FakeEngine a = mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    Client first = mesh.submit("m");
    mesh.submit("m");
    Client waits = mesh.submit("m");
    FakeEngine its = first.where().equals("a/ollama") ? a : mesh.at("b");
    its.returnsSlots = false;
    its.only().fail(FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED);
    assertThat(first.ends).isZero();
    assertThat(waits.ends).isZero();
    assertThat(mesh.dispatcher.waiting()).isEqualTo(2);
  }

  @Test
  void who_leaves_unserved_has_used_no_turn() {
    Ensemble mesh = mesh(100);
    FakeEngine engine = mesh.engine("a", 1, "m");
    mesh.submit("m");
    for (int i = 0; i < 20; i++) {
      mesh.ask("m").principal("x").ttl(SECOND).submit();
    }
    mesh.seconds(2);
    assertThat(mesh.dispatcher.waiting()).isZero();
    var other = mesh.ask("m").principal("y").submit();
    var afterwards = mesh.ask("m").principal("x").submit();
    mesh.ask("m").principal("y").submit();
    engine.only().finish();
    engine.only().finish();
    assertThat(other.assignments).hasSize(1);
    assertThat(afterwards.assignments).as("before the other's second").hasSize(1);
  }

  @Test
  void when_the_queue_stands_newest_go_first_and_low_priorities_are_turned_away() {
    Ensemble mesh = mesh(100);
    FakeEngine engine = warm(mesh);
    mesh.ask("m").priority(1).ttl(Duration.ofMinutes(10)).submit();
    Client low = mesh.ask("m").priority(1).ttl(Duration.ofMinutes(10)).submit();
    pace(mesh, engine);
    for (int i = 0; i < 60; i++) {
      mesh.ask("m").ttl(Duration.ofSeconds(8)).submit();
      mesh.seconds(0.25);
    }
    assertThat(mesh.overloads).containsExactly(true);
    assertThat(mesh.dispatcher.queueView().overloaded()).isTrue();
    assertThat(low.whyNot().message()).contains("low priorities are turned away");
    assertThat(mesh.ask("m").priority(0).submit().whyNot().code()).isEqualTo(FailureCode.BUSY);
    // Whoever comes now is served soon, though many have waited for longer.
    var newest = new Client();
    for (int i = 0; i < 100 && newest.timesQueued == 0; i++) {
      mesh.seconds(0.1);
      newest = mesh.ask("m").ttl(Duration.ofSeconds(8)).submit();
    }
    assertThat(newest.position).isEqualTo(1);
    mesh.seconds(3);
    assertThat(newest.assignments).hasSize(1);
    mesh.seconds(20);
    assertThat(mesh.overloads).containsExactly(true, false);
    assertThat(mesh.dispatcher.waiting()).isZero();
    mesh.submit("m");
    assertThat(mesh.ask("m").priority(0).submit().ends).isZero();
  }
}
