package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// SDKs with their usual settings ask three times when they are refused. The hub tells them how
/// long to wait, and where asking again is pointless.
final class RetriesTest {
  private static final String MODEL = "sim/slow";
  private static final Duration SOON = Duration.ofSeconds(20);

  /// What a timer of Node may be early by.
  private static final int EARLY_MILLIS = 50;

  private static final String ASK =
      "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"
          .formatted(MODEL);

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic"})
  @DisplayName("T36 an SDK waits as long as it is told, and asks once where more is pointless")
  void sdks_try_again_only_where_it_helps(String sdk) {
    try (var engine =
            PacedProcess.start(
                "--models", MODEL, "--slots", "1", "--decode", "4", "--answer", "30");
        var hub =
            TuttiProcess.hub(
                TuttiProcess.Place.fresh(), "--no-discover", "--backend", engine.url());
        var api = new HubApi(hub.url())) {
      Eventually.until("the model is up", SOON, () -> !api.modelsUp().isEmpty());
      assertThat(Http.post(hub.url() + "/v1/chat/completions", ASK).status()).isEqualTo(200);
      var first = Http.posting(hub.url() + "/v1/chat/completions", ASK);
      Eventually.until("the slot is taken", SOON, () -> engine.stats().active() == 1);

      JsonNode seen = NodeScript.run("retries.mjs", hub.url(), MODEL, sdk);
      JsonNode busy = seen.path("busy");
      assertThat(busy.path("status").asInt()).as("%s", seen).isEqualTo(200);
      assertThat(busy.path("requests").asInt()).as("%s", seen).isBetween(2, 3);
      for (int retry = 0; retry < busy.path("gaps").size(); retry++) {
        int told = busy.path("waits").path(retry).asInt();
        assertThat(told).as("%s", seen).isPositive();
        assertThat(busy.path("gaps").path(retry).asInt())
            .as("%s", seen)
            .isGreaterThanOrEqualTo(told - EARLY_MILLIS);
      }
      for (String unknown : new String[] {"openai unknown", "anthropic unknown"}) {
        assertThat(seen.path(unknown).path("requests").asInt()).as("%s", seen).isOne();
        assertThat(seen.path(unknown).path("status").asInt()).as("%s", seen).isEqualTo(404);
      }
      assertThat(first.join().status()).isEqualTo(200);
    }
  }
}
