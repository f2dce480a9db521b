package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An engine that answers badly: the client gets its own dialect's error and nothing of what the
/// engine said, nothing hangs, and the next request is served.
class BadEngineTest {
  private static final String MODEL = "sim/small";
  private static final Duration SOON = Duration.ofSeconds(20);

  private static PacedProcess engine;
  private static TuttiProcess hub;

  @BeforeAll
  static void start() {
    engine =
        PacedProcess.start(
            "--kind", "ollama", "--models", MODEL, "--decode", "200", "--answer", "8");
    hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), "--no-discover", "--backend", engine.url());
    Eventually.until(
        "the model is there", SOON, () -> Http.get(hub.url() + "/api/tags").body().contains(MODEL));
  }

  @AfterAll
  static void stop() {
    hub.close();
    engine.close();
    hub.forget();
  }

  /// A refusing engine rests for a moment: whoever asks next waits for it in the queue.
  @AfterEach
  void the_next_request_is_served() {
    breakNext("none", 1);
    Http.Answer next = Http.post(hub.url() + "/api/chat", ollama(false));
    assertThat(next.status()).as(next.toString()).isEqualTo(200);
    assertThat(next.json().path("done").booleanValue()).isTrue();
    Eventually.until("nothing runs", SOON, () -> engine.stats().active() == 0);
  }

  @ParameterizedTest
  @CsvSource({
    "garbage-after=0, 502",
    "500, 502",
    "error-200, 502",
    "clean-end-after=0, 502",
    "cut-after=0, 502",
  })
  void before_the_first_word_it_is_an_error_of_the_clients_dialect(String fault, int status) {
    for (boolean stream : new boolean[] {false, true}) {
      breakNext(fault, -1);
      Http.Answer openAi = Http.post(hub.url() + "/v1/chat/completions", openAi(stream));
      assertThat(openAi.status()).as(openAi.toString()).isEqualTo(status);
      assertThat(openAi.json().path("error").path("message").isString()).isTrue();
      assertThat(openAi.json().path("error").path("type").isString()).isTrue();
      assertThat(openAi.body()).doesNotContainIgnoringCase("<html");

      Http.Answer ollama = Http.post(hub.url() + "/api/chat", ollama(stream));
      assertThat(ollama.status()).as(ollama.toString()).isEqualTo(status);
      assertThat(ollama.json().path("error").isString()).isTrue();
    }
  }

  @Test
  @DisplayName(
      "T12 T21 after the first word the stream ends with an error record and no proper end")
  void after_the_first_word_the_stream_ends_with_an_error_record_and_no_proper_end() {
    for (String fault : new String[] {"garbage-after=3", "cut-after=3", "clean-end-after=3"}) {
      breakNext(fault, 1);
      String openAi = broken("/v1/chat/completions", openAi(true));
      assertThat(openAi).as(fault).contains("\"content\"", "data: {\"error\":{");
      assertThat(openAi).doesNotContain("[DONE]", "\"finish_reason\":\"stop\"");

      breakNext(fault, 1);
      String ollama = broken("/api/chat", ollama(true));
      assertThat(ollama).as(fault).contains("\"done\":false", "{\"error\":\"");
      assertThat(ollama).doesNotContain("\"done\":true");
    }
  }

  private static void breakNext(String fault, int times) {
    Http.post(
        engine.url() + "/_paced/fault", "{\"fault\":\"" + fault + "\",\"times\":" + times + "}");
  }

  /// What came before the connection broke; a proper end of the body fails the test.
  private static String broken(String path, String body) {
    var text = new StringBuilder();
    assertThatThrownBy(() -> readAll(path, body, text)).isInstanceOf(UncheckedIOException.class);
    return text.toString();
  }

  private static void readAll(String path, String body, StringBuilder text) {
    var request =
        HttpRequest.newBuilder(URI.create(hub.url() + path))
            .header("content-type", "application/json")
            .timeout(SOON)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        InputStream answer =
            client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
      byte[] piece = new byte[1_024];
      for (int read = answer.read(piece); read >= 0; read = answer.read(piece)) {
        text.append(new String(piece, 0, read, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static String openAi(boolean stream) {
    return "{\"model\":\""
        + MODEL
        + "\",\"stream\":"
        + stream
        + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
  }

  private static String ollama(boolean stream) {
    return openAi(stream);
  }
}
