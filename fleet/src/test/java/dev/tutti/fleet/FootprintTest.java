package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What models take, and what machines have: the network's own table of memory and models.
class FootprintTest {
  private static final double GIGA = 1e9;

  private static ModelFacts model(String name, double gigabytes, String parameters) {
    return new ModelFacts(
        new ModelName(name),
        ModelTypes.classify(new ModelName(name), List.of()),
        new Bytes(Math.round(gigabytes * GIGA)),
        "",
        131_072,
        ModelFacts.Loaded.NOT,
        List.of(),
        Map.of("parameter_size", parameters),
        "");
  }

  private static ModelFacts known(String name) {
    return switch (name) {
      case "3b" -> model("llama3.2:3b", 2.0, "3.2B");
      case "7b" -> model("mistral:7b", 4.4, "7.2B");
      case "8b" -> model("llama3.1:8b", 4.9, "8.0B");
      case "22b" -> model("codestral:22b", 13.3, "22.2B");
      case "70b" -> model("llama3.3:70b", 42.5, "70.6B");
      default -> model("nomic-embed-text", 0.27, "137M");
    };
  }

  private static Bytes room(double gibi) {
    return Footprint.roomOf(
        new Hardware(
            "Apple M4",
            10,
            "arm64",
            "macOS",
            Bytes.ofGibi(gibi),
            Bytes.UNKNOWN,
            "Apple M4 GPU",
            Bytes.ofGibi(gibi)));
  }

  @ParameterizedTest
  @CsvSource({
    "8, embed, 8b",
    "16, 3b 8b, 22b",
    "24, 8b 7b, 70b",
    "32, 8b 22b, 70b",
    "48, 8b 22b, 70b",
    "64, 70b, 70b 8b",
    "96, 70b 8b 3b, 70b 70b",
    "128, 70b 70b, 70b 70b 22b",
    "192, 70b 22b 8b, 70b 70b 70b 70b",
  })
  void the_table_of_memory_and_models(double gibi, String fit, String tooMuch) {
    assertThat(sum(fit)).isLessThanOrEqualTo(room(gibi).value());
    assertThat(sum(tooMuch)).isGreaterThan(room(gibi).value());
  }

  private static long sum(String names) {
    return new ArrayList<>(Arrays.asList(names.split(" ", -1)))
        .stream().mapToLong(name -> Footprint.of(known(name), 8_192, 1).value()).sum();
  }

  @Test
  void an_eight_billion_model_with_eight_thousand_tokens_takes_about_six_gigabytes() {
    assertThat(Footprint.of(known("8b"), 8_192, 1).value() / GIGA).isCloseTo(6.1, within(0.1));
    assertThat(Footprint.of(known("8b"), 8_192, 4).value() / GIGA).isCloseTo(9.4, within(0.2));
  }

  @Test
  void what_the_engine_tells_of_its_layers_counts() {
    ModelFacts said = known("8b");
    var exact =
        new ModelFacts(
            said.name(),
            said.type(),
            said.size(),
            "",
            131_072,
            ModelFacts.Loaded.NOT,
            List.of(),
            Map.of(Footprint.CONTEXT_BYTES, "262144"),
            "");
    long more = Footprint.of(exact, 8_192, 1).value() - Footprint.of(said, 8_192, 1).value();
    assertThat(more).isEqualTo(8_192L * 131_072);
  }

  @Test
  void an_embedding_model_keeps_nothing_for_its_context() {
    assertThat(Footprint.of(known("embed"), 8_192, 1).value() / GIGA).isLessThan(0.5);
  }

  @Test
  void a_graphics_card_has_its_own_memory_and_nobody_knows_what_is_unknown() {
    var card =
        new Hardware(
            "AMD",
            16,
            "x86_64",
            "Linux",
            Bytes.ofGibi(64),
            Bytes.UNKNOWN,
            "NVIDIA RTX 3090",
            Bytes.ofGibi(24));
    assertThat(Footprint.roomOf(card).gibi()).isCloseTo(21.6, within(0.01));
    assertThat(Footprint.roomOf(Hardware.UNKNOWN).isKnown()).isFalse();
  }
}
