package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.SelfSigned;
import dev.tutti.testkit.Trusting;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsHubTest {
  @TempDir private Path folder;

  @Test
  void a_hub_with_a_certificate_says_so_in_its_address_and_speaks_http_2() throws Exception {
    SelfSigned identity = SelfSigned.in(folder);
    Settings settings = TestSettings.of(TestSettings.tls(identity.certificate(), identity.key()));
    Vertx vertx = Tutti.vertx();
    try (Saved saved =
        Saved.open(new Home(folder.resolve("home")).create(), new WallTime(), new SecureRandom())) {
      Hub hub =
          Hub.start(vertx, settings, saved, List.of())
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      assertThat(hub.url()).startsWith("https://127.0.0.1:");
      var client =
          vertx.createHttpClient(
              new HttpClientOptions()
                  .setSsl(true)
                  .setTrustAll(true)
                  .setUseAlpn(true)
                  .setProtocolVersion(HttpVersion.HTTP_2));
      var answer =
          client
              .request(
                  new RequestOptions()
                      .setMethod(HttpMethod.GET)
                      .setAbsoluteURI(hub.url() + "/health"))
              .compose(request -> request.send())
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      assertThat(answer.version()).isEqualTo(HttpVersion.HTTP_2);
      assertThat(answer.statusCode()).isEqualTo(200);
      String shown = certificate(hub.url());
      Files.delete(folder.resolve("hub.p12"));
      SelfSigned.in(folder);
      hub.apply(settings);
      Eventually.until(
          "the new certificate is shown",
          Duration.ofSeconds(10),
          () -> !certificate(hub.url()).equals(shown));
      hub.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  /// What whoever connects now is shown.
  private static String certificate(String url) {
    URI address = URI.create(url);
    try (var socket =
        (SSLSocket)
            Trusting.context()
                .getSocketFactory()
                .createSocket(address.getHost(), address.getPort())) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSerialNumber()
          .toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void one_file_without_the_other_or_one_that_is_not_there_is_named() {
    var half =
        new Web(Optional.of(folder.resolve("no.pem")), Optional.empty(), List.of(), List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(half::tls)
        .withMessageStartingWith("tls.certificate: " + folder.resolve("no.pem"));
    var other = new Web(Optional.empty(), Optional.of(folder), List.of(), List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(other::tls)
        .withMessageStartingWith("tls.certificate: missing");
    assertThat(Web.PLAIN.tls()).isEmpty();
  }
}
