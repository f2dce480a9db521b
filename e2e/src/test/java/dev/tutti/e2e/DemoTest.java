package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.TuttiProcess;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a newcomer does first, in a home with nothing in it.
class DemoTest {
  private static final String TALK = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

  @Test
  void the_first_request_after_ready_is_answered_in_both_apis_and_says_that_it_is_simulated() {
    var fresh = TuttiProcess.Place.fresh();
    var place =
        new TuttiProcess.Place(
            fresh.root(),
            fresh.home(),
            List.of(),
            Map.of("HOME", fresh.home().toString(), "TUTTI_HOME", "", "XDG_STATE_HOME", ""));
    var hub = TuttiProcess.hub(place, "--demo", "--no-discover");
    try (hub) {
      Http.Answer openAi =
          Http.post(
              hub.url() + "/v1/chat/completions",
              "{\"model\":\"sim/llama3.2:3b\",\"stream\":true,\"max_tokens\":4," + TALK);
      assertThat(openAi.status()).as(openAi.toString()).isEqualTo(200);
      assertThat(openAi.body()).contains("\"content\":\"This\"", "data: [DONE]");
      assertThat(openAi.header("x-tutti-simulated")).isEqualTo("true");

      Http.Answer ollama =
          Http.post(
              hub.url() + "/api/chat",
              "{\"model\":\"sim/llama3.1:8b\",\"options\":{\"num_predict\":4}," + TALK);
      assertThat(ollama.status()).as(ollama.toString()).isEqualTo(200);
      assertThat(ollama.body().lines().toList()).hasSizeGreaterThan(3);
      assertThat(ollama.body()).contains("\"done\":true");

      var itself = TuttiProcess.run(place, "backend", "add", hub.url(), "--url", hub.url());
      assertThat(itself.code()).as(itself.toString()).isEqualTo(1);
      assertThat(itself.err()).contains("leads back to this hub");

      assertThat(hub.log()).contains("SIMULATED");
      assertThat(Files.exists(fresh.home().resolve(".local/state/tutti/hub-id"))).isTrue();
    }
    hub.forget();
  }
}
