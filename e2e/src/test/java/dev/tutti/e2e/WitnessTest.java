package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// What the audit log tells of requests.
class WitnessTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String MODEL = "paced/witness";
  private static final String SECRET = "the orchid blooms at midnight";

  enum Told {
    NOTHING,
    HASHES,
    TEXTS
  }

  private static void ask(TuttiProcess hub, String prompt) {
    String body =
        "{\"model\":\"%s\",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
            .formatted(MODEL, prompt);
    assertThat(Http.post(hub.url() + "/v1/chat/completions", body).status()).isEqualTo(200);
  }

  private static String log(TuttiProcess.Place place) {
    var said = TuttiProcess.run(place, "audit", "export");
    assertThat(said.code()).as("%s", said).isZero();
    return said.out();
  }

  private static List<JsonNode> requests(TuttiProcess.Place place) {
    return log(place)
        .lines()
        .map(HubApi::parse)
        .filter(entry -> entry.path("action").asString("").equals("request.end"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void of_requests_the_log_tells_as_much_as_the_owner_wants(Told told) throws IOException {
    var place = TuttiProcess.Place.fresh();
    Files.writeString(
        place.home().resolve("tutti.yaml"),
        "audit: { requests: " + told.name().toLowerCase(Locale.ROOT) + " }\n");
    try (var engine = PacedProcess.start("--models", MODEL, "--slots", "2");
        var hub = TuttiProcess.hub(place, "--no-discover", "--backend", engine.url())) {
      Eventually.until(
          "the model is there",
          SOON,
          () -> Http.get(hub.url() + "/v1/models").body().contains(MODEL));
      ask(hub, SECRET);
      ask(hub, SECRET);
      ask(hub, "hello");
      if (told == Told.NOTHING) {
        TuttiProcess.run(place, "node", "invite", "--url", hub.url(), "--name", "eve");
        Eventually.until("what came after", SOON, () -> log(place).contains("node.invite"));
        assertThat(requests(place)).isEmpty();
        return;
      }
      Eventually.until("written", SOON, () -> requests(place).size() == 3);
      List<JsonNode> entries = requests(place);
      assertThat(entries)
          .allMatch(entry -> entry.path("target").asString("").equals("model:" + MODEL))
          .allMatch(entry -> !entry.path("details").path("backend").asString("").isEmpty());
      List<String> hashes =
          entries.stream()
              .map(each -> each.path("details").path("prompt_hash").asString(""))
              .toList();
      assertThat(hashes).allMatch(hash -> hash.matches("[0-9a-f]{64}"));
      assertThat(hashes.stream().distinct()).as("one prompt twice, and another").hasSize(2);
      assertThat(entries.toString().contains(SECRET)).isEqualTo(told == Told.TEXTS);
      assertThat(TuttiProcess.run(place, "audit", "verify").code()).isZero();
    }
  }
}
