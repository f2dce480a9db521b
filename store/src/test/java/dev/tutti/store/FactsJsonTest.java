package dev.tutti.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.ModelType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Facts to text and back.
class FactsJsonTest {
  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void facts_come_back_as_they_were(BackendKind kind) {
    var models = Samples.facts("qwen3", "sim/llava:7b").models();
    var facts = new BackendFacts(kind, "1.2", 4, models, true);
    assertThat(FactsJson.read(FactsJson.write(facts))).contains(facts);
  }

  @Test
  void what_a_newer_version_adds_is_ignored_and_what_it_leaves_out_is_unknown() {
    var facts =
        FactsJson.read(
                "{\"kind\":\"vllm\",\"new\":[1],\"models\":[{\"name\":\"m\",\"type\":\"x\"}]}")
            .orElseThrow();
    assertThat(facts.kind()).isEqualTo(BackendKind.VLLM);
    assertThat(facts.models().getFirst().name()).isEqualTo(new ModelName("m"));
    assertThat(facts.models().getFirst().type()).isEqualTo(ModelType.TEXT);
    assertThat(facts.models().getFirst().size().isKnown()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nonsense", "[]", "{}", "{\"kind\":\"vllm\",\"models\":[{}]}", "{\"kind\":7}"})
  void what_cannot_be_understood_is_nothing(String text) {
    assertThat(FactsJson.read(text)).isEmpty();
  }
}
