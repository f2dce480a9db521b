package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// A hub that is open to the network, as a process of its own.
class KeysTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String MODEL = "paced/keys";
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");
  private static final Pattern ROW = Pattern.compile("\\| `[A-Z]+ (/[^`]*)` \\|");

  @Test
  void with_the_hubs_own_certificate_clients_that_were_taught_its_root_come_over_tls() {
    var place = TuttiProcess.Place.fresh();
    try (var engine = PacedProcess.start("--models", MODEL, "--slots", "2");
        var hub =
            TuttiProcess.hub(place, "--lan", "--tls", "--no-discover", "--backend", engine.url())) {
      String key = hub.waitFor("key");
      assertThat(hub.url()).startsWith("https://");
      Eventually.until(
          "the command line comes over TLS and sees the model",
          SOON,
          () -> TuttiProcess.run(place, "model", "list", "--url", hub.url()).out().contains(MODEL));
      String local = "https://localhost:" + URI.create(hub.url()).getPort();
      Path root = place.home().resolve("clients-root.pem");
      assertThat(hub.log()).contains("clients have to be taught " + root);
      var taught = Map.of("TUTTI_KEY", key, "NODE_EXTRA_CA_CERTS", root.toString());
      for (String url : List.of(local, hub.url())) {
        JsonNode seen = NodeScript.runIn(taught, "keys.mjs", url, MODEL);
        assertThat(seen.path("chat").asString("")).as(url).isNotEmpty();
      }
      var ignorant = Map.of("TUTTI_KEY", key);
      assertThatThrownBy(() -> NodeScript.runIn(ignorant, "keys.mjs", local, MODEL))
          .isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void without_a_key_nothing_answers_and_with_one_a_real_client_works_until_it_is_revoked()
      throws Exception {
    var place = TuttiProcess.Place.fresh();
    try (var engine =
            PacedProcess.start(
                "--models", MODEL, "--slots", "2", "--decode", "5", "--answer", "400");
        var hub = TuttiProcess.hub(place, "--lan", "--no-discover", "--backend", engine.url())) {
      String first = hub.waitFor("key");
      assertThat(Files.getPosixFilePermissions(place.home().resolve("cli-key")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      sweep(hub.url());

      TuttiProcess.Said made =
          TuttiProcess.run(
              place,
              "key",
              "create",
              "--url",
              hub.url(),
              "--name",
              "js",
              "--models",
              "paced/*",
              "--json");
      assertThat(made.code()).as("%s", made).isZero();
      String token = HubApi.parse(made.out()).path("token").asString("");
      assertThat(token).matches("tutti_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}");
      Eventually.until(
          "the model is there",
          SOON,
          () -> exchange(hub.url(), "GET", "/v1/models", token).contains(MODEL));
      JsonNode seen = NodeScript.runWith(token, "keys.mjs", hub.url(), MODEL);
      assertThat(seen.path("models").toString()).contains(MODEL);
      assertThat(seen.path("chat").asString("")).isNotEmpty();
      assertThat(seen.path("missing").asInt(0)).as("%s", seen).isEqualTo(401);
      assertThat(seen.path("missingCode").asString("")).isEqualTo("invalid_api_key");
      assertThat(seen.path("forbidden").asInt(0)).as("%s", seen).isEqualTo(403);

      try (var stream = new Stream(hub.url(), token)) {
        stream.readSome();
        long before = System.nanoTime();
        assertThat(status(exchange(hub.url(), "DELETE", "/mesh/v1/keys/js", first))).isEqualTo(200);
        assertThat(stream.readToEnd()).doesNotContain("[DONE]");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
      }
      assertThat(status(exchange(hub.url(), "GET", "/v1/models", token))).isEqualTo(401);
      assertThat(hub.log()).doesNotContain(token).doesNotContain(first);
    }
  }

  /// Every path that is known, and some that are not, with every method.
  private static void sweep(String url) throws IOException {
    Set<String> paths =
        new TreeSet<>(Set.of("/nothing", "/v1/images/generations", "/.env", "/mesh", "/api/"));
    Path document = Path.of(System.getProperty("tutti.root", "."), "docs", "access.md");
    Matcher row = ROW.matcher(Files.readString(document));
    while (row.find()) {
      paths.add(row.group(1).replaceAll("\\{[^}]*}", "x"));
    }
    assertThat(paths).hasSizeGreaterThan(60);
    for (String path : paths) {
      for (String method : METHODS) {
        boolean open = path.equals("/health") && Set.of("GET", "HEAD").contains(method);
        assertThat(status(exchange(url, method, path, "")))
            .as(method + " " + path)
            .isIn(open ? List.of(200) : List.of(401, 403, 404, 405, 421, 426));
      }
    }
  }

  private static int status(String answer) {
    return Integer.parseInt(answer.substring(9, 12));
  }

  private static Socket connect(String url) throws IOException {
    URI uri = URI.create(url);
    var socket = new Socket();
    socket.setSoTimeout((int) SOON.toMillis());
    socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
    return socket;
  }

  private static String exchange(String url, String method, String path, String key) {
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\nhost: "
            + URI.create(url).getAuthority()
            + "\r\nconnection: close\r\ncontent-length: 0\r\n"
            + (key.isEmpty() ? "" : "authorization: Bearer " + key + "\r\n")
            + "\r\n";
    try (Socket socket = connect(url)) {
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// An answer that comes slowly.
  private static final class Stream implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Stream(String url, String key) throws IOException {
      String body =
          "{\"model\":\""
              + MODEL
              + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
      socket = connect(url);
      in = socket.getInputStream();
      String head =
          "POST /v1/chat/completions HTTP/1.1\r\nhost: "
              + URI.create(url).getAuthority()
              + "\r\ncontent-type: application/json\r\nauthorization: Bearer "
              + key
              + "\r\ncontent-length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    }

    void readSome() throws IOException {
      assertThat(in.read(new byte[1_024])).isPositive();
    }

    String readToEnd() throws IOException {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
