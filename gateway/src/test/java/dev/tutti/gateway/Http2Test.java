package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.SelfSigned;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The port of clients over TLS: HTTP/2 for those who can, HTTP/1.1 for the others.
class Http2Test {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration IDLE = Duration.ofMillis(300);
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":false}";
  private static final String STREAM = CHAT.replace("false", "true");
  private static final Failure BROKEN =
      Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "the engine went away");

  @TempDir static Path folder;
  private static SelfSigned identity;

  private Rig rig;
  private HttpClient client;

  @org.junit.jupiter.api.BeforeAll
  static void makeCertificate() {
    identity = SelfSigned.in(folder);
  }

  @BeforeEach
  void open() {
    GatewayLimits limits =
        GatewayLimits.DEFAULT
            .with(GatewayLimits.DEFAULT.connections().withIdle(IDLE))
            .with(
                GatewayLimits.DEFAULT
                    .bodies()
                    .withSizes(300_000, 1_000_000)
                    .withLinger(Duration.ofMillis(100)));
    var tls = new GatewayOptions.Tls(identity.certificate(), identity.key());
    rig =
        new Rig(
            Fleets.fleet(
                Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d")),
                Fleets.backend("bob/ollama", Health.UP, Fleets.model("m", "d"))),
            new GatewayOptions("127.0.0.1", 0, 0, Optional.of(tls), Set.of(), Set.of(), limits));
    client = client(HttpVersion.HTTP_2);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private HttpClient client(HttpVersion version) {
    return rig.vertx.createHttpClient(
        new HttpClientOptions()
            .setSsl(true)
            .setTrustAll(true)
            .setVerifyHost(false)
            .setUseAlpn(true)
            .setProtocolVersion(version));
  }

  private HttpClientRequest request(HttpMethod method, String path) {
    return Rig.await(
        client
            .request(
                new RequestOptions()
                    .setMethod(method)
                    .setHost("localhost")
                    .setPort(rig.port())
                    .setURI(path))
            .toCompletionStage());
  }

  private static <T> T await(Future<T> future) {
    return Rig.await(future.toCompletionStage());
  }

  private FakeEngine.Play play(int index) {
    return Eventually.value(
        "attempt " + index,
        SOON,
        () ->
            rig.engines.values().stream()
                .flatMap(engine -> engine.plays.stream())
                .sorted(java.util.Comparator.comparingLong(play -> play.number))
                .skip(index)
                .findFirst()
                .orElse(null));
  }

  /// An answer as it comes in, and how it ends.
  private static final class Reading {
    private final Queue<String> pieces = new ConcurrentLinkedQueue<>();
    final CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();
    final HttpClientResponse response;

    Reading(HttpClientResponse response) {
      this.response = response;
      response.handler(piece -> pieces.add(piece.toString()));
      response.endHandler(_ -> end.complete(Optional.empty()));
      response.exceptionHandler(fault -> end.complete(Optional.of(fault)));
    }

    String text() {
      return String.join("", pieces);
    }

    void until(String said) {
      Eventually.until(said, SOON, () -> text().contains(said));
    }
  }

  private static Future<Reading> send(HttpClientRequest request, String body) {
    return request.send(Buffer.buffer(body)).map(Reading::new);
  }

  @Test
  void both_versions_are_spoken() {
    rig.engine("eve/ollama").script(Http2Test::hello);
    rig.engine("bob/ollama").script(Http2Test::hello);
    for (HttpVersion version : new HttpVersion[] {HttpVersion.HTTP_2, HttpVersion.HTTP_1_1}) {
      client = client(version);
      Reading answer = await(send(request(HttpMethod.POST, "/v1/chat/completions"), CHAT));
      assertThat(answer.response.version()).isEqualTo(version);
      assertThat(answer.response.statusCode()).isEqualTo(200);
      assertThat(answer.response.getHeader("x-tutti-node")).isNotNull();
      assertThat(Rig.await(answer.end)).isEmpty();
      assertThat(answer.text()).contains("hello");
    }
  }

  private static void hello(FakeEngine.Play play) {
    play.say("hello");
    play.finish();
  }

  @Test
  @DisplayName("T40 each piece reaches the client before the next is said, on many streams at once")
  void pieces_come_as_they_are_said() {
    Future<Reading> first = send(request(HttpMethod.POST, "/v1/chat/completions"), STREAM);
    play(0).sayNow("one");
    Future<Reading> second = send(request(HttpMethod.POST, "/api/chat"), STREAM);
    play(1).sayNow("uno");
    await(first).until("one");
    await(second).until("uno");
    play(0).sayNow("two");
    await(first).until("two");
    play(0).finishNow();
    play(1).finishNow();
    assertThat(Rig.await(await(first).end)).isEmpty();
    assertThat(Rig.await(await(second).end)).isEmpty();
    assertThat(await(first).text()).contains("[DONE]");
    assertThat(await(first).response.request().connection())
        .isSameAs(await(second).response.request().connection());
  }

  @Test
  void who_repeats_a_request_keeps_the_answer_when_the_first_resets_its_stream() {
    String words = "x".repeat(100_000);
    HttpClientRequest leaving = keyed();
    Future<Reading> gone = send(leaving, STREAM);
    play(0).sayNow("one");
    await(gone).until("one");
    Reading staying = await(send(keyed(), STREAM));
    staying.until("one");
    staying.response.pause();
    play(0).sayNow(words);
    leaving.reset(8);
    play(0).sayNow(words);
    play(0).sayNow("two");
    play(0).finishNow();
    staying.response.resume();
    assertThat(Rig.await(staying.end)).isEmpty();
    assertThat(staying.text()).contains(words, "two", "[DONE]");
    assertThat(rig.plays()).isEqualTo(1);
  }

  private HttpClientRequest keyed() {
    return request(HttpMethod.POST, "/v1/chat/completions").putHeader("idempotency-key", "k-1");
  }

  @Test
  @DisplayName("T42 a client that resets its stream ends the attempt, and no other stream")
  void a_reset_by_the_client_ends_the_attempt() {
    HttpClientRequest leaving = request(HttpMethod.POST, "/v1/chat/completions");
    Future<Reading> gone = send(leaving, STREAM);
    play(0).sayNow("one");
    await(gone).until("one");
    Future<Reading> staying = send(request(HttpMethod.POST, "/v1/chat/completions"), CHAT);
    play(1);
    leaving.reset(8);
    Eventually.until("the cancel", SOON, () -> play(0).cancelled);
    assertThat(play(1).cancelled).isFalse();
    play(1).sayNow("hello");
    play(1).finishNow();
    await(staying).until("hello");
  }

  @Test
  @DisplayName("T12 T21 a stream that breaks is reset after its error record, which is not lost")
  void a_broken_stream_is_reset_after_its_last_words() {
    for (String path : new String[] {"/v1/chat/completions", "/api/chat"}) {
      int index = rig.plays();
      Future<Reading> answer = send(request(HttpMethod.POST, path), STREAM);
      play(index).sayNow("begun");
      await(answer).until("begun");
      play(index).failNow(BROKEN);
      Optional<Throwable> end = Rig.await(await(answer).end);
      assertThat(end.orElseThrow()).isInstanceOf(StreamResetException.class);
      // INTERNAL_ERROR: some clients take a reset without an error for a good end.
      assertThat(((StreamResetException) end.get()).getCode()).isEqualTo(2);
      assertThat(await(answer).text()).contains("\"error\"").contains("the engine went away");
    }
  }

  @Test
  @DisplayName("T12 last words wait for a client that reads slowly")
  void last_words_wait_for_the_window() {
    Future<Reading> answer = send(request(HttpMethod.POST, "/v1/chat/completions"), STREAM);
    play(0).sayNow("begun");
    HttpClientResponse response = await(answer).response;
    await(answer).until("begun");
    response.pause();
    FakeEngine.Play play = play(0);
    rig.owner.runOnContext(_ -> play.sayForEver("x".repeat(4_000)));
    Eventually.until("the pause", SOON, () -> play.paused);
    play.failNow(BROKEN);
    response.resume();
    assertThat(Rig.await(await(answer).end)).isPresent();
    assertThat(await(answer).text()).contains("the engine went away");
  }

  @Test
  void a_connection_is_idle_only_when_all_its_streams_are_over() {
    Future<Reading> slow = send(request(HttpMethod.POST, "/v1/chat/completions"), STREAM);
    play(0);
    HttpClientRequest leaving = request(HttpMethod.POST, "/v1/chat/completions");
    Future<Reading> gone = send(leaving, STREAM);
    play(1).sayNow("one");
    await(gone).until("one");
    leaving.reset(8);
    var closed = new CompletableFuture<Boolean>();
    leaving.connection().closeHandler(_ -> closed.complete(true));
    var passed = new CompletableFuture<Boolean>();
    rig.owner.runOnContext(_ -> rig.time.after(IDLE.multipliedBy(2), () -> passed.complete(true)));
    Rig.await(passed);
    assertThat(closed).isNotDone();
    play(0).sayNow("late");
    await(slow).until("late");
    play(0).finishNow();
    assertThat(Rig.await(await(slow).end)).isEmpty();
    assertThat(Rig.await(closed)).isTrue();
  }

  @Test
  void a_refused_body_ends_its_stream_and_not_the_connection() {
    HttpClientRequest large = request(HttpMethod.POST, "/v1/chat/completions");
    large.setChunked(true);
    large.write(Buffer.buffer("x".repeat(400_000)));
    HttpClientResponse refusal = await(large.response());
    assertThat(refusal.statusCode()).isEqualTo(413);
    rig.engine("eve/ollama").script(Http2Test::hello);
    rig.engine("bob/ollama").script(Http2Test::hello);
    HttpClientRequest next = request(HttpMethod.POST, "/v1/chat/completions");
    Reading answer = await(send(next, CHAT));
    answer.until("hello");
    assertThat(next.connection()).isSameAs(large.connection());
  }

  @Test
  void a_client_that_breaks_off_request_after_request_loses_its_connection() {
    var closed = new CompletableFuture<Boolean>();
    var connection = request(HttpMethod.GET, "/health").connection();
    connection.closeHandler(_ -> closed.complete(true));
    int most = GatewayLimits.DEFAULT.connections().maxResets();
    for (int i = 0; i <= most + 10 && !closed.isDone(); i++) {
      client
          .request(
              new RequestOptions()
                  .setMethod(HttpMethod.POST)
                  .setHost("localhost")
                  .setPort(rig.port())
                  .setURI("/api/chat"))
          .onSuccess(each -> {
            each.setChunked(true).write("{");
            each.reset(8);
          });
    }
    assertThat(Rig.await(closed)).isTrue();
  }

  @Test
  void a_foreign_name_is_refused_here_too() {
    HttpClientRequest request = request(HttpMethod.GET, "/v1/models");
    request.authority(io.vertx.core.net.HostAndPort.authority("evil.example", rig.port()));
    assertThat(await(request.send()).statusCode()).isEqualTo(421);
  }

  @Test
  void java_itself_sees_the_last_words_and_then_the_break() throws Exception {
    var context = javax.net.ssl.SSLContext.getInstance("TLS");
    var store = java.security.KeyStore.getInstance(java.security.KeyStore.getDefaultType());
    store.load(null);
    try (var pem = java.nio.file.Files.newInputStream(identity.certificate())) {
      store.setCertificateEntry(
          "hub",
          java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    var trust =
        javax.net.ssl.TrustManagerFactory.getInstance(
            javax.net.ssl.TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    context.init(null, trust.getTrustManagers(), null);
    try (var http = java.net.http.HttpClient.newBuilder().sslContext(context).build()) {
      rig.engine("eve/ollama").script(Http2Test::breakOff);
      rig.engine("bob/ollama").script(Http2Test::breakOff);
      List<String> lines = new ArrayList<>();
      var answer =
          http.send(
              java.net.http.HttpRequest.newBuilder(
                      java.net.URI.create(
                          "https://localhost:" + rig.port() + "/v1/chat/completions"))
                  .POST(java.net.http.HttpRequest.BodyPublishers.ofString(STREAM))
                  .build(),
              java.net.http.HttpResponse.BodyHandlers.ofLines());
      assertThat(answer.version()).isEqualTo(java.net.http.HttpClient.Version.HTTP_2);
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> answer.body().forEach(lines::add))
          .isInstanceOf(java.io.UncheckedIOException.class);
      assertThat(String.join("\n", lines)).contains("the engine went away");
    }
  }

  private static void breakOff(FakeEngine.Play play) {
    play.say("begun");
    play.fail(BROKEN);
  }
}
