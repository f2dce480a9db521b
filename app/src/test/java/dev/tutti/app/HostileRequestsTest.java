package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Time;
import dev.tutti.paced.EngineKind;
import dev.tutti.paced.Pace;
import dev.tutti.paced.PaceProfile;
import dev.tutti.paced.PacedEngine;
import dev.tutti.paced.PacedModel;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Every line of `hostile/requests.txt`, byte by byte, at a whole hub: the answer is one of those
/// that are right, it tells nothing it should not, and the hub answers the next client.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsTest {
  private static final String CORPUS = "/hostile/requests.txt";
  private static final int PATIENCE_MILLIS = 5_000;
  private static final Pattern TIMES = Pattern.compile("\\{([^{}]*?)\\*(\\d+)\\}");
  private static final Pattern STATUS = Pattern.compile("^HTTP/[0-9]\\.[0-9] ([0-9]{3}) ");
  private static final List<String> NEVER =
      List.of(
          "\nX-Injected",
          "\nSet-Cookie",
          "CANARY",
          "root:x:",
          "BEGIN ",
          "Exception",
          "dev.tutti.",
          "\tat ");

  @TempDir private static Path home;
  private final Time time = new WallTime();
  private final Vertx vertx = Vertx.vertx();
  private PacedEngine paced;
  private Saved saved;
  private Hub hub;

  @BeforeAll
  void start() throws Exception {
    var profile =
        PaceProfile.of("test", EngineKind.OLLAMA, List.of(PacedModel.chat("sim/chat")))
            .withPace(Pace.of(10_000, 2_000))
            .withAnswerTokens(2);
    paced = PacedEngine.start(vertx, profile).await();
    saved = Saved.open(new Home(home).create(), time, new SecureRandom());
    hub =
        wait(
            Hub.start(vertx, TestSettings.of(TestSettings.backend(paced.url())), saved, List.of())
                .toCompletionStage());
  }

  @AfterAll
  void stop() throws Exception {
    wait(hub.close().toCompletionStage());
    saved.close();
    wait(vertx.close().toCompletionStage());
  }

  private static <T> T wait(java.util.concurrent.CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @TestFactory
  Stream<DynamicTest> no_request_gets_what_it_should_not() throws IOException {
    List<Row> rows = rows();
    assertThat(rows).hasSizeGreaterThan(250);
    return rows.stream().map(row -> DynamicTest.dynamicTest(row.name(), () -> play(row)));
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Row(String name, List<String> statuses, String end, byte[] bytes) {}

  private static List<Row> rows() throws IOException {
    var rows = new ArrayList<Row>();
    try (InputStream in = HostileRequestsTest.class.getResourceAsStream(CORPUS)) {
      assertThat(in).as(CORPUS).isNotNull();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] parts = line.split(" \\| ", 3);
          String[] expected = parts[1].split(" ", 2);
          List<String> statuses = Arrays.asList(expected[0].split("\\|", -1));
          rows.add(
              new Row(parts[0], statuses, expected.length > 1 ? expected[1] : "", bytes(parts[2])));
        }
      }
    }
    return rows;
  }

  private static byte[] bytes(String text) {
    String whole =
        TIMES
            .matcher(text)
            .replaceAll(each ->
                Matcher.quoteReplacement(each.group(1).repeat(Integer.parseInt(each.group(2)))));
    byte[] sent = unescaped(whole.replace("{LEN}", ""));
    String first = new String(sent, StandardCharsets.ISO_8859_1);
    int body = sent.length - (first.indexOf("\r\n\r\n") + 4);
    return unescaped(whole.replace("{LEN}", Integer.toString(body)));
  }

  private static byte[] unescaped(String text) {
    var bytes = new ByteArrayOutputStream();
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      if (point != '\\') {
        bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      char escape = text.charAt(i);
      i++;
      switch (escape) {
        case 'r' -> bytes.write('\r');
        case 'n' -> bytes.write('\n');
        case 't' -> bytes.write('\t');
        case '0' -> bytes.write(0);
        case '\\' -> bytes.write('\\');
        case 'x' -> {
          bytes.write(Integer.parseInt(text.substring(i, i + 2), 16));
          i += 2;
        }
        default -> throw new IllegalArgumentException("escape: \\" + escape);
      }
    }
    return bytes.toByteArray();
  }

  private void play(Row row) throws IOException {
    String answer;
    boolean ended;
    try (Socket socket = connect()) {
      try {
        socket.getOutputStream().write(row.bytes());
        socket.getOutputStream().flush();
      } catch (IOException _) {
        // It may close before it has read everything: what it said is still there.
      }
      var heard = new StringBuilder();
      ended = listen(socket, heard, row.end().equals("close"));
      answer = heard.toString();
    }
    Matcher status = STATUS.matcher(answer);
    String said = status.find() ? status.group(1) : ended ? "close" : "silence";
    assertThat(row.statuses()).as(() -> row.name() + " got " + head(answer)).contains(said);
    if (row.end().equals("close")) {
      assertThat(ended).as(() -> row.name() + " leaves the connection open").isTrue();
    }
    assertThat(countOf(answer)).as(() -> "answers to one request: " + answer).isLessThan(2);
    for (String never : NEVER) {
      assertThat(answer).doesNotContainIgnoringCase(never);
    }
    theNextClientIsServed();
  }

  private static long countOf(String answer) {
    return Pattern.compile("HTTP/1\\.[01] [2-5][0-9][0-9] ").matcher(answer).results().count();
  }

  private static String head(String answer) {
    return answer.substring(0, Math.min(400, answer.length()));
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    int port = java.net.URI.create(hub.url()).getPort();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /// Reads the head of an answer, or to the end.
  ///
  /// @return whether the other side has ended the connection
  private static boolean listen(Socket socket, StringBuilder heard, boolean toTheEnd) {
    try {
      var bytes = new byte[8_192];
      while (toTheEnd || heard.indexOf("\r\n\r\n") < 0) {
        int count = socket.getInputStream().read(bytes);
        if (count < 0) {
          return true;
        }
        heard.append(new String(bytes, 0, count, StandardCharsets.ISO_8859_1));
      }
      return false;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  private void theNextClientIsServed() throws IOException {
    try (Socket socket = connect()) {
      String request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var heard = new StringBuilder();
      listen(socket, heard, false);
      assertThat(heard.toString()).startsWith("HTTP/1.1 200");
    }
  }
}
