package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.dialects.OllamaLoad;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class LoadPolicyTest {
  private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;
  private static final LoadPolicy.Held LOADED =
      new LoadPolicy.Held(true, 8_192, Map.of(), Optional.empty(), true, Duration.ZERO);

  private static OllamaLoad wish(int context, Object keepAlive, Map<String, Integer> others) {
    var options = new HashMap<String, JsonNode>();
    others.forEach((name, value) -> options.put(name, MAKE.numberNode(value)));
    if (context > 0) {
      options.put(OllamaLoad.CONTEXT, MAKE.numberNode(context));
    }
    return new OllamaLoad(
        options,
        switch (keepAlive) {
          case Integer seconds -> Optional.of(MAKE.numberNode(seconds));
          case String text when !text.isEmpty() -> Optional.of(MAKE.stringNode(text));
          default -> Optional.empty();
        });
  }

  private static OllamaLoad context(int context) {
    return wish(context, "", Map.of());
  }

  private static OllamaLoad keep(Object keepAlive) {
    return wish(0, keepAlive, Map.of());
  }

  private static LoadPolicy.Terms decide(OllamaLoad wish, LoadPolicy.Held held) {
    return LoadPolicy.decide(wish, held, LoadRule.NONE, 32_768);
  }

  @Test
  void a_request_for_a_model_that_is_not_loaded_is_passed_as_it_is() {
    var terms = decide(wish(4_096, "10m", Map.of("num_gpu", 3)), LoadPolicy.Held.NOT);
    assertThat(terms.load()).isEqualTo(wish(4_096, "10m", Map.of("num_gpu", 3)));
    assertThat(terms.why()).isEmpty();
    assertThat(decide(OllamaLoad.NONE, LoadPolicy.Held.NOT).load()).isEqualTo(OllamaLoad.NONE);
  }

  @Test
  void who_asks_for_less_or_nothing_gets_the_loaded_context() {
    assertThat(decide(context(2_048), LOADED).load()).isEqualTo(context(8_192));
    assertThat(decide(context(2_048), LOADED).why())
        .containsExactly("context 8192 as loaded, not 2048");
    assertThat(decide(OllamaLoad.NONE, LOADED).load()).isEqualTo(context(8_192));
  }

  @Test
  void who_asks_for_more_raises_it_up_to_what_the_model_has() {
    var raised = decide(context(16_384), LOADED);
    assertThat(raised.load()).isEqualTo(context(16_384));
    assertThat(raised.why()).containsExactly("context raised from 8192 to 16384");
    assertThat(raised.after().context()).isEqualTo(16_384);
    var bounded = decide(context(100_000), LOADED);
    assertThat(bounded.load()).isEqualTo(context(32_768));
    assertThat(bounded.why())
        .containsExactly(
            "context 32768 is all that the model has, not 100000",
            "context raised from 8192 to 32768");
  }

  @Test
  void while_the_engines_own_context_is_not_known_yet_a_small_wish_leaves_it_alone() {
    var loading = decide(OllamaLoad.NONE, LoadPolicy.Held.NOT).after();
    assertThat(decide(context(2_048), loading).load()).isEqualTo(OllamaLoad.NONE);
    assertThat(decide(context(16_384), loading).load()).isEqualTo(context(16_384));
  }

  @Test
  void the_settings_context_holds_whatever_clients_ask_for() {
    var rule = new LoadRule(OptionalInt.of(12_288), Optional.empty());
    for (int asked : new int[] {0, 2_048, 32_768}) {
      var terms = LoadPolicy.decide(context(asked), LOADED, rule, 32_768);
      assertThat(terms.load()).isEqualTo(context(12_288));
      assertThat(terms.why())
          .containsExactly("context 12288 by the settings" + (asked > 0 ? ", not " + asked : ""));
    }
    assertThat(LoadPolicy.decide(context(12_288), LOADED, rule, 0).why()).isEmpty();
  }

  @Test
  void other_load_options_stay_those_of_the_first_request() {
    var first = decide(wish(0, "", Map.of("num_gpu", 3)), LoadPolicy.Held.NOT).after();
    var second = decide(wish(0, "", Map.of("num_gpu", 0, "num_batch", 64)), first);
    assertThat(second.load()).isEqualTo(wish(0, "", Map.of("num_gpu", 3)));
    assertThat(second.why()).containsExactly("num_batch, num_gpu as loaded");
    assertThat(decide(OllamaLoad.NONE, second.after()).load())
        .isEqualTo(wish(0, "", Map.of("num_gpu", 3)));
  }

  @Test
  void the_longest_wish_to_keep_a_model_wins() {
    var hour = decide(keep("1h"), LoadPolicy.Held.NOT).after();
    assertThat(decide(keep(30), hour).load()).isEqualTo(keep(3_600));
    assertThat(decide(keep(30), hour).why()).containsExactly("kept for 3600 s");
    assertThat(decide(OllamaLoad.NONE, hour).load()).isEqualTo(keep(3_600));
    assertThat(decide(keep("2h"), hour).load()).isEqualTo(keep("2h"));
    var ever = decide(keep(-1), hour).after();
    assertThat(decide(keep("2h"), ever).load()).isEqualTo(keep(-1));
  }

  @Test
  void nothing_short_evicts_a_model_under_those_who_rely_on_the_engines_own_time() {
    var usual = decide(OllamaLoad.NONE, LoadPolicy.Held.NOT).after();
    assertThat(decide(keep(0), usual).load()).isEqualTo(OllamaLoad.NONE);
    assertThat(decide(keep(0), usual).why()).containsExactly("kept for the engine's own time");
    assertThat(decide(keep(0), LOADED).load()).isEqualTo(context(8_192));
    assertThat(decide(keep("1h"), usual).load()).isEqualTo(keep("1h"));
    var remains =
        new LoadPolicy.Held(true, 0, Map.of(), Optional.empty(), true, Duration.ofHours(23));
    assertThat(decide(keep("1h"), remains).load()).isEqualTo(keep(82_800));
  }

  @Test
  void the_settings_keep_alive_is_the_least() {
    var rule = new LoadRule(OptionalInt.empty(), Optional.of(Duration.ofHours(1)));
    assertThat(LoadPolicy.decide(keep(5), LoadPolicy.Held.NOT, rule, 0).load())
        .isEqualTo(keep(3_600));
    assertThat(LoadPolicy.decide(OllamaLoad.NONE, LoadPolicy.Held.NOT, rule, 0).load())
        .isEqualTo(keep(3_600));
    assertThat(LoadPolicy.decide(keep("3h"), LoadPolicy.Held.NOT, rule, 0).load())
        .isEqualTo(keep("3h"));
  }

  @Test
  void a_keep_alive_that_nobody_can_read_is_left_to_the_engine() {
    assertThat(decide(keep("soon"), LOADED).load().keepAlive()).contains(MAKE.stringNode("soon"));
  }

  /// An Ollama reduced to what matters here: what it has loaded, and how often it loaded.
  private static final class Loaded {
    Map<String, JsonNode> options = Map.of();
    boolean present;
    int loads;

    int context() {
      return options.getOrDefault(OllamaLoad.CONTEXT, MAKE.numberNode(0)).asInt();
    }

    void take(OllamaLoad asked, int ownContext) {
      var effective = new HashMap<>(asked.options());
      effective.putIfAbsent(OllamaLoad.CONTEXT, MAKE.numberNode(ownContext));
      if (!present || !effective.equals(options)) {
        present = true;
        options = effective;
        loads++;
      }
    }
  }

  @RepeatedTest(200)
  void any_interleaving_of_clients_costs_no_more_loads_than_raises(RepetitionInfo repetition) {
    var random = new SplittableRandom(repetition.getCurrentRepetition());
    var engine = new Loaded();
    int own = new int[] {2_048, 4_096, 32_768}[random.nextInt(3)];
    int[] contexts = {0, 0, 512, 2_048, 3_000, 4_096, 8_192, 16_384, 32_768, 65_536};
    var held = LoadPolicy.Held.NOT;
    int raises = 0;
    for (int i = 0; i < 60; i++) {
      Map<String, Integer> others =
          random.nextInt(3) == 0 ? Map.of("num_gpu", random.nextInt(4)) : Map.of();
      var wish = wish(contexts[random.nextInt(contexts.length)], "", others);
      var terms = decide(wish, held);
      boolean first = !held.present();
      raises += first || terms.after().context() > held.context() ? 1 : 0;
      engine.take(terms.load(), own);
      held = terms.after();
      // Now and then the engine's own list shows what is there.
      if (random.nextInt(4) == 0) {
        int shown = engine.context();
        held =
            new LoadPolicy.Held(
                true, shown, held.others(), held.longest(), held.usual(), Duration.ZERO);
      }
      assertThat(engine.loads).isLessThanOrEqualTo(raises);
      assertThat(engine.context())
          .isGreaterThanOrEqualTo(Math.min(32_768, wish.context().orElse(0)));
    }
    assertThat(raises).isLessThanOrEqualTo(contexts.length);
  }
}
