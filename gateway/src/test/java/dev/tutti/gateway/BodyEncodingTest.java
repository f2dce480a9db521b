package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.fleet.Health;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BodyEncodingTest {
  private static final int MAX_BODY = 2_000_000;
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":false}";

  private final Rig rig = rig();

  private static Rig rig() {
    return new Rig(
        Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))),
        GatewayLimits.DEFAULT.with(
            GatewayLimits.DEFAULT.bodies().withSizes(MAX_BODY, 2L * MAX_BODY)));
  }

  BodyEncodingTest() {
    rig.engine("eve/ollama")
        .script(play -> {
          play.say("hello");
          play.finish();
        });
  }

  @AfterAll
  void nothing_is_left() {
    assertThat(rig.get("/metrics").body()).contains("tutti_request_buffered_bytes 0.0");
    rig.close();
  }

  private static byte[] encoded(BodyEncoding encoding, byte[] plain) {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (encoding) {
          case GZIP -> new GZIPOutputStream(bytes);
          case DEFLATE -> new DeflaterOutputStream(bytes);
          case ZSTD -> new ZstdOutputStream(bytes);
        }) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] encoded(BodyEncoding encoding, String plain) {
    return encoded(encoding, plain.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<String> post(String path, String encoding, byte[] body) {
    return rig.send(
        rig.request(path)
            .header("content-encoding", encoding)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  @ParameterizedTest
  @EnumSource(BodyEncoding.class)
  void a_compressed_body_is_read_small_or_large(BodyEncoding encoding) {
    String name = encoding.name();
    for (String path : new String[] {"/v1/chat/completions", "/api/chat"}) {
      assertThat(post(path, name, encoded(encoding, CHAT)).body()).contains("hello");
      String large = CHAT.replace("hi", "h".repeat(MAX_BODY / 2));
      assertThat(post(path, name, encoded(encoding, large)).body()).contains("hello");
    }
  }

  @Test
  void more_than_are_decoded_at_a_time_wait_their_turn() {
    byte[] body = encoded(BodyEncoding.ZSTD, CHAT.replace("hi", "h".repeat(100_000)));
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 5 * GatewayLimits.DEFAULT.bodies().maxDecodings(); i++) {
      answers.add(
          rig.http.sendAsync(
              rig.request("/api/chat")
                  .header("content-encoding", "zstd")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    for (var answer : answers) {
      assertThat(Rig.await(answer).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void gzip_has_an_old_name() {
    assertThat(post("/api/chat", "x-gzip", encoded(BodyEncoding.GZIP, CHAT)).statusCode())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(BodyEncoding.class)
  @DisplayName("A small body that says too much is refused before it is in memory")
  void a_bomb_is_refused(BodyEncoding encoding) {
    byte[] bomb = encoded(encoding, new byte[200_000_000]);
    assertThat(bomb.length).isLessThan(MAX_BODY);
    HttpResponse<String> answer = post("/v1/chat/completions", encoding.name(), bomb);
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("\"error\"").contains("at most " + MAX_BODY);
  }

  @ParameterizedTest
  @EnumSource(BodyEncoding.class)
  void what_is_malformed_or_cut_is_refused_in_the_dialects_shape(BodyEncoding encoding) {
    byte[] good = encoded(encoding, CHAT);
    for (byte[] bad :
        new byte[][] {
          CHAT.getBytes(StandardCharsets.UTF_8), Arrays.copyOf(good, good.length / 2), {1, 2, 3}
        }) {
      HttpResponse<String> openAi = post("/v1/chat/completions", encoding.name(), bad);
      assertThat(openAi.statusCode()).isEqualTo(400);
      assertThat(openAi.body()).startsWith("{\"error\":{\"message\":");
      HttpResponse<String> ollama = post("/api/chat", encoding.name(), bad);
      assertThat(ollama.statusCode()).isEqualTo(400);
      assertThat(ollama.body()).startsWith("{\"error\":\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "gzip, zstd", "compress", "gzip,gzip", "*"})
  void other_encodings_and_chains_are_refused_with_what_is_understood(String name) {
    HttpResponse<String> answer = post("/api/chat", name, encoded(BodyEncoding.GZIP, CHAT));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("gzip, deflate, zstd");
    assertThat(answer.headers().firstValue("accept-encoding")).hasValue("gzip, deflate, zstd");
  }

  @Test
  @DisplayName("Whatever bytes come, a decoder says something, and the budget is whole again")
  void noise_does_no_harm() {
    var random = new SplittableRandom(11);
    var budget = new BodyBudget(3L * MAX_BODY);
    String text = CHAT.replace("hi", "some words that repeat, some words that do not ".repeat(200));
    for (BodyEncoding encoding : BodyEncoding.values()) {
      byte[] good = encoded(encoding, text);
      for (int i = 0; i < 2_000; i++) {
        byte[] bad = good.clone();
        for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
          bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
        }
        switch (BodyDecoder.decoded(encoding, bad, MAX_BODY, budget)) {
          case BodyDecoder.Decoded.Whole(var bytes) -> budget.giveBack(bytes.length);
          case BodyDecoder.Decoded.Refused(var failure) ->
              assertThat(failure.code()).isIn(FailureCode.INVALID_REQUEST, FailureCode.TOO_LARGE);
        }
        assertThat(budget.heldBytes()).isZero();
      }
    }
  }

  @Test
  void a_decoded_body_counts_against_the_budget_as_it_grows() {
    var budget = new BodyBudget(100_000);
    byte[] body = encoded(BodyEncoding.ZSTD, new byte[1_000_000]);
    var decoded = BodyDecoder.decoded(BodyEncoding.ZSTD, body, MAX_BODY, budget);
    assertThat(decoded).isInstanceOf(BodyDecoder.Decoded.Refused.class);
    assertThat(((BodyDecoder.Decoded.Refused) decoded).failure().code())
        .isEqualTo(FailureCode.BUSY);
    assertThat(budget.heldBytes()).isZero();
  }
}
