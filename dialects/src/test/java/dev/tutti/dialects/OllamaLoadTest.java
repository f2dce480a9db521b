package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;

class OllamaLoadTest {
  private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;

  private static Work chat(String more) {
    return OllamaRequests.chat(bytes("{\"model\":\"m\",\"messages\":[" + more + "}")).work();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "5m, PT5M",
    "1h30m, PT1H30M",
    "0, PT0S",
    "0s, PT0S",
    "1.5s, PT1.5S",
    ".5h, PT30M",
    "200ms, PT0.2S",
    "+10s, PT10S",
    "24h, PT24H"
  })
  void go_durations_are_read(String text, Duration duration) {
    var load = new OllamaLoad(Map.of(), Optional.of(MAKE.stringNode(text)));
    assertThat(load.keepFor()).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "5", "m", "5m x", "x5m", "--5m", "1e9h", ""})
  void what_is_no_duration_is_none(String text) {
    var load = new OllamaLoad(Map.of(), Optional.of(MAKE.stringNode(text)));
    assertThat(load.keepFor()).isEmpty();
  }

  @Test
  void numbers_are_seconds_and_negative_ones_for_ever() {
    var half = new OllamaLoad(Map.of(), Optional.of(MAKE.numberNode(0.5)));
    assertThat(half.keepFor()).contains(Duration.ofMillis(500));
    var ever = new OllamaLoad(Map.of(), Optional.of(MAKE.numberNode(-1)));
    assertThat(ever.keepFor()).contains(OllamaLoad.FOREVER);
    var negative = new OllamaLoad(Map.of(), Optional.of(MAKE.stringNode("-1m")));
    assertThat(negative.keepFor()).contains(OllamaLoad.FOREVER);
    assertThat(OllamaLoad.keepAlive(OllamaLoad.FOREVER)).isEqualTo(MAKE.numberNode(-1));
    assertThat(OllamaLoad.keepAlive(Duration.ofMillis(1_500))).isEqualTo(MAKE.stringNode("1500ms"));
  }

  @Test
  void only_what_belongs_to_the_loaded_model_is_replaced() {
    Work work =
        chat(
            "{\"role\":\"user\",\"content\":\"a\"}],\"keep_alive\":\"1m\","
                + "\"options\":{\"num_ctx\":2048,\"num_gpu\":1,\"mirostat\":1,\"top_k\":3}");
    var load = new OllamaLoad(Map.of("num_ctx", MAKE.numberNode(8_192)), Optional.empty());
    var call = new OllamaEngine().call(work, "m", load);
    assertThat(new String(call.body(), StandardCharsets.UTF_8))
        .contains("\"options\":{\"mirostat\":1,\"top_k\":3,\"num_ctx\":8192}")
        .doesNotContain("keep_alive")
        .doesNotContain("num_gpu");
  }

  @Test
  void an_empty_request_keeps_its_options() {
    Work work = chat("],\"options\":{\"num_ctx\":16384},\"keep_alive\":-1");
    assertThat(OllamaLoad.contextOf(work)).hasValue(16_384);
    assertThat(new String(new OllamaEngine().call(work, "m").body(), StandardCharsets.UTF_8))
        .contains("\"options\":{\"num_ctx\":16384}")
        .contains("\"keep_alive\":-1");
  }

  @Test
  void an_embeddings_options_are_found_and_replaced_without_touching_the_request() {
    byte[] body =
        bytes("{\"model\":\"m\",\"input\":\"a\",\"options\":{\"num_ctx\":512,\"seed\":1}}");
    Work work = OllamaRequests.embed(body).work();
    assertThat(OllamaLoad.contextOf(work)).hasValue(512);
    var load = new OllamaLoad(Map.of("num_ctx", MAKE.numberNode(4_096)), Optional.empty());
    assertThat(new String(new OllamaEngine().call(work, "m", load).body(), StandardCharsets.UTF_8))
        .contains("\"options\":{\"seed\":1,\"num_ctx\":4096}");
    assertThat(OllamaLoad.contextOf(work)).hasValue(512);
  }
}
