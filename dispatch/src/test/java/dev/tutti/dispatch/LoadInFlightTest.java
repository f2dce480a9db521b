package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import org.junit.jupiter.api.Test;

/// A model that is on its way into memory is loaded once, and who asks for it knows that.
class LoadInFlightTest {
  private final Ensemble ensemble =
      new Ensemble(DispatchLimits.DEFAULT, RoutingStrategy.predictive());

  private double expectedLoad(String node) {
    return ensemble.dispatcher.explain(ensemble.ask("m").task()).places().stream()
        .filter(place -> place.node().value().equals(node))
        .findFirst()
        .orElseThrow()
        .prediction()
        .loadMillis();
  }

  /// Three answers of 20 words after 6 s of loading.
  private void teach(String node, FakeEngine engine) {
    for (int i = 0; i < 3; i++) {
      ensemble.ask("m").pin(node).submit();
      ensemble.seconds(i == 0 ? 6 : 0.1);
      FakeEngine.Exchange answer = engine.only();
      for (int word = 0; word < 20; word++) {
        answer.say("word");
        ensemble.seconds(0.02);
      }
      answer.finish();
    }
  }

  @Test
  void who_comes_while_a_model_is_on_its_way_waits_for_the_rest_of_it_only() {
    FakeEngine engine = ensemble.engine("ash", 4, "m");
    double whole = expectedLoad("ash");
    assertThat(whole).isGreaterThan(1_000);
    ensemble.submit("m");
    ensemble.seconds(1);
    assertThat(expectedLoad("ash")).isEqualTo(whole - 1_000);
    engine.only().say("word");
    assertThat(expectedLoad("ash")).as("it has begun to answer").isZero();
    engine.only().finish();
    assertThat(expectedLoad("ash")).as("its list does not show it yet").isZero();
    ensemble.seconds(Desk.SHOWN_WITHIN.toMillis() / 1e3 + 1);
    assertThat(expectedLoad("ash")).as("its list says no").isGreaterThan(0);
  }

  @Test
  void a_model_that_only_embeds_can_be_loaded_too() {
    FakeEngine engine = ensemble.engine("ash", 1, "nomic-embed-text");
    ensemble.ask("nomic-embed-text").type(TaskType.LOAD).submit();
    assertThat(engine.running()).hasSize(1);
  }

  @Test
  void a_load_that_failed_is_no_load() {
    FakeEngine engine = ensemble.engine("ash", 4, "m");
    ensemble.submit("m");
    ensemble.seconds(1);
    engine.only().fail(FailureCode.ENGINE_ERROR, Retry.POINTLESS);
    assertThat(expectedLoad("ash")).isGreaterThan(1_000);
  }

  @Test
  void many_tasks_for_a_model_that_is_nowhere_do_not_load_it_everywhere() {
    for (String node : new String[] {"ash", "birch", "cedar", "elder"}) {
      teach(node, ensemble.engine(node, 8, "m"));
    }
    ensemble.seconds(10);
    ensemble.engines.values().forEach(engine -> engine.all.clear());
    ensemble.submit("m");
    ensemble.seconds(1);
    for (int i = 0; i < 3; i++) {
      ensemble.submit("m");
      ensemble.seconds(0.05);
    }
    long loading =
        ensemble.engines.values().stream().filter(engine -> !engine.all.isEmpty()).count();
    assertThat(loading).isEqualTo(1);
  }
}
