package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.TuttiProcess;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// OpenAI's own client makes batches of a hub, one of which dies in the middle.
class BatchesTest {
  private static final String MODEL = "sim/batch";
  private static final int LINES = 20;
  private static final int MANY_LINES = 60;

  private static PacedProcess engine;
  private static final TuttiProcess.Place HOME = TuttiProcess.Place.fresh();

  @BeforeAll
  static void start() {
    engine =
        PacedProcess.start(
            "--models", MODEL, "--answer", "10", "--decode", "100", "--prefill", "5000");
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  private static TuttiProcess hub() {
    return TuttiProcess.hub(HOME, "--no-discover", "--backend", engine.url());
  }

  private static List<String> ids(int lines) {
    return IntStream.range(0, lines).mapToObj(i -> "request-" + i).toList();
  }

  @Test
  void openai_js_makes_a_batch_and_reads_its_output() {
    try (var hub = hub()) {
      JsonNode seen = NodeScript.run("batches.mjs", hub.url(), MODEL, Integer.toString(LINES));

      assertEnded(seen, LINES);
      assertThat(seen.path("batch").path("metadata").path("by").asString()).isEqualTo("test");
      assertThat(seen.path("file").path("purpose").asString()).isEqualTo("batch");
      assertThat(seen.path("deleted").asBoolean()).isTrue();
      assertThat(seen.path("listed").valueStream().map(JsonNode::asString))
          .contains(seen.path("batch").path("id").asString());
    }
  }

  @Test
  void a_batch_outlives_hubs_that_are_killed() {
    String id;
    try (var hub = hub()) {
      JsonNode begun =
          NodeScript.run("batches.mjs", hub.url(), MODEL, Integer.toString(MANY_LINES), "begin");
      id = begun.path("batch").path("id").asString();
      hub.kill9();
    }
    try (var hub = hub()) {
      try (var api = new HubApi(hub.url())) {
        assertThat(api.get("status").path("ready").isBoolean()).isTrue();
      }
      hub.kill9();
    }
    try (var hub = hub()) {
      assertEnded(NodeScript.run("batches.mjs", hub.url(), "end", id), MANY_LINES);
    }
  }

  private static void assertEnded(JsonNode seen, int lines) {
    assertThat(seen.path("batch").path("status").asString())
        .as(seen.toString())
        .isEqualTo("completed");
    assertThat(seen.path("batch").path("request_counts").path("completed").intValue())
        .isEqualTo(lines);
    assertThat(seen.path("ids").valueStream().map(JsonNode::asString))
        .containsExactlyElementsOf(ids(lines));
    assertThat(seen.path("statuses").valueStream().map(JsonNode::intValue)).containsExactly(200);
    assertThat(seen.path("objects").valueStream().map(JsonNode::asString))
        .containsExactly("chat.completion");
    assertThat(seen.path("errors").intValue()).isZero();
  }
}
