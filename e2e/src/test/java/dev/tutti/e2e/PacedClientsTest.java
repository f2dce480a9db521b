package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Clients as people use them, unmodified, each dialect of theirs in front of each dialect of
/// engines. The engines are simulated.
final class PacedClientsTest {
  private static final String EMBEDDING_MODEL = "sim/vectors";
  private static final int DIMENSION = 96;
  private static final Duration SOON = Duration.ofSeconds(30);

  private static final Map<Spoken, PacedProcess> ENGINES = new EnumMap<>(Spoken.class);
  private static TuttiProcess hub;

  /// What the engine speaks.
  enum Spoken {
    OLLAMA,
    OPENAI,
    ANTHROPIC;

    String model() {
      return "sim/" + name().toLowerCase(Locale.ROOT);
    }

    /// A model that thinks and sees.
    String clever() {
      return model() + "-clever";
    }

    /// What its engine says to a client's question.
    String answer(String question) {
      return Http.post(hub.url() + "/v1/chat/completions", ask(question))
          .json()
          .path("choices")
          .path(0)
          .path("message")
          .path("content")
          .asString();
    }

    private String ask(String question) {
      return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
          .formatted(model(), question);
    }

    Sightings sightings() {
      return new Sightings(answer("What is the answer?"), answer("18 degrees, sunny"));
    }
  }

  @BeforeAll
  static void start() {
    var words = new ArrayList<>(List.of("--no-discover"));
    for (Spoken spoken : Spoken.values()) {
      String models =
          spoken.model()
              + ","
              + spoken.clever()
              + ":think:vision"
              + (spoken == Spoken.OLLAMA ? "," + EMBEDDING_MODEL + ":embed" : "");
      var engine =
          PacedProcess.start(
              "--kind",
              spoken.name().toLowerCase(Locale.ROOT),
              "--models",
              models,
              "--slots",
              "2",
              "--decode",
              "400",
              "--prefill",
              "100000",
              "--answer",
              "24",
              "--dimension",
              Integer.toString(DIMENSION));
      ENGINES.put(spoken, engine);
      words.addAll(List.of("--backend", engine.url() + ",slots=2"));
    }
    hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), words.toArray(String[]::new));
    try (var api = new HubApi(hub.url())) {
      Eventually.until(
          "every model is up", SOON, () -> api.modelsUp().size() == 2 * Spoken.values().length + 1);
    }
  }

  @AfterAll
  static void stop() {
    if (hub != null) {
      hub.close();
      hub.forget();
    }
    ENGINES.values().forEach(PacedProcess::close);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "T10 vectors in base64, which SDKs ask for unless told otherwise, have all their numbers")
  void openai_js(Spoken spoken) {
    var seen = NodeScript.run("openai.mjs", hub.url(), spoken.model(), EMBEDDING_MODEL);
    spoken
        .sightings()
        .openAi(
            seen,
            spoken.model(),
            spoken == Spoken.ANTHROPIC ? "refused with 501" : completion(spoken));
    assertThat(seen.path("embeddings").path(0).asInt()).isEqualTo(DIMENSION);
  }

  private static String completion(Spoken spoken) {
    String body =
        "{\"model\":\"%s\",\"prompt\":\"Who is there?\",\"max_tokens\":16}"
            .formatted(spoken.model());
    return Http.post(hub.url() + "/v1/completions", body)
        .json()
        .path("choices")
        .path(0)
        .path("text")
        .asString();
  }

  @ParameterizedTest
  @EnumSource
  void openai_js_responses(Spoken spoken) {
    spoken.sightings().responses(NodeScript.run("responses.mjs", hub.url(), spoken.model()));
  }

  @ParameterizedTest
  @EnumSource
  void ollama_js(Spoken spoken) {
    var seen = NodeScript.run("ollama.mjs", hub.url(), spoken.model(), EMBEDDING_MODEL);
    spoken.sightings().ollama(seen, spoken.model());
    Sightings.embeddings(seen.path("embeddings"));
    if (spoken == Spoken.OLLAMA) {
      // The others do not tell what a model can do, nor whether it is in memory.
      assertThat(Sightings.strings(seen.path("running"))).contains(spoken.model() + ":latest");
      assertThat(Sightings.strings(seen.path("shown"))).contains("completion", "tools");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anthropic_js(Spoken spoken) {
    spoken
        .sightings()
        .anthropic(NodeScript.run("anthropic.mjs", hub.url(), spoken.model()), spoken.model());
  }

  @ParameterizedTest
  @EnumSource
  void thinking_pictures_and_forms(Spoken spoken) {
    String clever = spoken.clever();
    new Sightings(spoken.answer("What is the answer?"), "")
        .features(NodeScript.run("features.mjs", hub.url(), clever));
  }

  @ParameterizedTest
  @EnumSource
  void frameworks(Spoken spoken) {
    spoken.sightings().frameworks(NodeScript.run("frameworks.mjs", hub.url(), spoken.model()));
  }
}
