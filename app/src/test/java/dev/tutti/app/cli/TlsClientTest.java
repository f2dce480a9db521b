package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.tutti.core.Secret;
import dev.tutti.testkit.SelfSigned;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The command line and a hub that speaks TLS with a certificate nobody vouches for.
class TlsClientTest {
  @TempDir private Path folder;

  private static HttpsServer serve(SelfSigned identity)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    Certificate certificate;
    try (InputStream pem = Files.newInputStream(identity.certificate())) {
      certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem);
    }
    String text = Files.readString(identity.key()).replaceAll("-----.*-----|\\s", "");
    PrivateKey key =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
    store.setKeyEntry("hub", key, new char[0], new Certificate[] {certificate});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "{\"name\":\"bob\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  void the_hubs_own_certificate_is_trusted_and_no_other() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    SelfSigned identity = SelfSigned.in(folder);
    SelfSigned stranger = SelfSigned.in(other);
    HttpsServer server = serve(identity);
    try {
      var address = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
      Optional<SSLContext> own = Optional.of(PinnedTrust.context(identity.certificate()));
      Optional<SSLContext> wrong = Optional.of(PinnedTrust.context(stranger.certificate()));

      var document = new HubClient(address, Secret.NONE, own).get("status");
      assertThat(document.get("name").stringValue()).isEqualTo("bob");
      for (HubClient client :
          new HubClient[] {
            new HubClient(address, Secret.NONE), new HubClient(address, Secret.NONE, wrong)
          }) {
        assertThatExceptionOfType(CliException.class)
            .isThrownBy(() -> client.get("status"))
            .withMessageContaining("no TLS with")
            .withMessageContaining(UpOptions.CERTIFICATE_FILE);
      }
    } finally {
      server.stop(0);
    }
  }

  @Test
  void with_a_certificate_in_the_home_the_default_hub_is_asked_over_tls() throws Exception {
    SelfSigned identity = SelfSigned.in(folder);
    Files.copy(identity.certificate(), folder.resolve(UpOptions.CERTIFICATE_FILE));
    var run = new CommandRun();
    run.run("queue", "--home", folder.toString(), "--url", "http://127.0.0.1:1");
    assertThat(run.err()).contains("http://127.0.0.1:1");
    var usual = new CommandRun();
    usual.run("queue", "--home", folder.toString());
    assertThat(usual.err()).contains("https://127.0.0.1:8765");
  }

  @Test
  void a_file_that_is_no_certificate_is_named() throws Exception {
    Path file = Files.writeString(folder.resolve("hub.pem"), "hello");
    assertThatExceptionOfType(CliException.class)
        .isThrownBy(() -> PinnedTrust.context(file))
        .withMessageContaining(file.toString());
  }
}
