package dev.tutti.app.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.app.cli.Finding.Severity;
import dev.tutti.core.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// What is wrong here, and what to do about it.
final class DoctorTest {
  private static final String HEADER =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
          + " inode\n";

  @TempDir private Path directory;
  private RecordedHub hub;
  private Path home;
  private Path proc;

  @BeforeEach
  void open() throws IOException {
    hub = RecordedHub.complete();
    home = Files.createDirectory(directory.resolve("home"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    proc = Files.createDirectories(directory.resolve("proc"));
    Files.createDirectories(proc.resolve("net"));
  }

  @AfterEach
  void close() {
    hub.close();
  }

  private List<Finding> examine(String url, Doctor.Scope scope, String java) {
    return examine(url, scope, java, CommandRun.NOW);
  }

  private List<Finding> examine(String url, Doctor.Scope scope, String java, Instant now) {
    var some = new CommandRun().at(now).environment();
    var environment =
        new Environment(
            Map.of(), some.userHome(), "Linux", proc, Runtime.Version.parse(java), some.time());
    var client = new HubClient(URI.create(url), Secret.NONE);
    return new Doctor(environment, home, client, scope).examine();
  }

  private List<Finding> examine() {
    return examine(hub.url(), new Doctor.Scope(List.of(), List.of()), "25");
  }

  private static Finding find(List<Finding> findings, String id) {
    return findings.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  @Test
  void an_old_java_is_an_error() {
    var findings = examine(hub.url(), new Doctor.Scope(List.of(), List.of()), "17.0.9");

    assertThat(find(findings, "java").severity()).isEqualTo(Severity.ERROR);
    assertThat(find(findings, "java").cause()).isEqualTo("Java 17 (expected: >= 25)");
    assertThat(find(examine(), "java").severity()).isEqualTo(Severity.OK);
  }

  @Test
  void a_home_that_others_can_read_is_found_and_mended() throws IOException {
    assertThat(find(examine(), "home").severity()).isEqualTo(Severity.OK);
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));

    var finding = find(examine(), "home.permissions");
    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.fix()).isEqualTo("chmod 700 '" + home + "'");
    finding.repair().orElseThrow().run();

    assertThat(find(examine(), "home").severity()).isEqualTo(Severity.OK);
  }

  @Test
  void a_home_that_is_a_file_is_an_error() throws IOException {
    home = Files.createFile(directory.resolve("file"));

    assertThat(find(examine(), "home").severity()).isEqualTo(Severity.ERROR);
  }

  @Test
  void engines_that_are_down_are_named_with_their_trouble() {
    var findings = examine().stream().filter(finding -> finding.id().equals("backend")).toList();

    assertThat(findings)
        .extracting(Finding::severity)
        .containsExactly(Severity.OK, Severity.WARNING, Severity.OK);
    assertThat(findings.get(1).cause()).isEqualTo("pi/llama-server is down: connection refused");
    assertThat(findings.get(1).fix()).contains("tutti backend probe pi/llama-server");
  }

  @Test
  void a_missing_hub_and_a_missing_key_are_told_apart() throws IOException {
    int port = freePort();
    var missing = examine("http://127.0.0.1:" + port, new Doctor.Scope(List.of(), List.of()), "25");
    hub.json("GET /mesh/v1/backends", 401, "{\"error\":{\"message\":\"no key\"}}");

    assertThat(find(missing, "hub").cause()).startsWith("no hub answers at");
    assertThat(find(missing, "hub").fix()).contains("tutti up");
    assertThat(find(examine(), "hub.key").fix()).contains("TUTTI_KEY");
  }

  @Test
  void a_key_that_others_can_read_is_found_and_mended() throws IOException {
    Path key = Files.writeString(home.resolve("cli-key"), "tutti_x");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

    var finding = find(examine(), "secret.permissions");
    assertThat(finding.cause()).endsWith("/cli-key").doesNotContain("tutti_x");
    finding.repair().orElseThrow().run();

    assertThat(examine()).extracting(Finding::id).doesNotContain("secret.permissions");
  }

  @Test
  void an_engine_with_a_known_hole_is_named_with_the_version_that_mends_it() throws IOException {
    hub.json(
        "GET /mesh/v1/backends",
        200,
        """
        {"backends":[
          {"backend_id":"eve/ollama","kind":"ollama","version":"0.16.3","health":"up"},
          {"backend_id":"bob/ollama","kind":"ollama","version":"0.31.1","health":"up"},
          {"backend_id":"old/ollama","kind":"ollama","version":"0.1.28","health":"up"},
          {"backend_id":"odd/ollama","kind":"ollama","version":"<script>","health":"up"}]}\
        """);
    var holes = examine().stream().filter(finding -> finding.id().equals("engine.hole")).toList();

    assertThat(holes).hasSize(2);
    assertThat(holes.getFirst().cause())
        .isEqualTo("eve/ollama is version 0.16.3, CVE-2026-7482: parts of its memory can be read");
    assertThat(holes.getFirst().fix()).isEqualTo("update it to 0.17.1 or newer");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {
        "8.8.8.0/24",
        "192.168.0.0/16",
        "192.168.1.1",
        "fd00::/120",
        "x/24",
        "169.254.0.0/24",
        "0.0.0.0/24"
      })
  void only_a_small_private_network_is_scanned(String network) {
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> LanScan.addresses(network))
        .isInstanceOf(CliException.class);
  }

  @Test
  void an_ollama_that_answers_everybody_is_found_at_its_address() throws IOException {
    try (var engine = new RecordedHub()) {
      engine.json("GET /api/version", 200, "{\"version\":\"0.16.0\"}");
      int port = URI.create(engine.url()).getPort();
      assertThat(LanScan.ollamas(LanScan.addresses("127.0.0.0/30"), port))
          .containsExactly(new LanScan.Open("127.0.0.1:" + port, "0.16.0"));
    }
  }

  @Test
  void one_that_wants_a_key_is_not_open() throws IOException {
    try (var engine = new RecordedHub()) {
      engine.json("GET /api/version", 401, "{\"version\":\"0.16.0\",\"error\":\"key\"}");
      int port = URI.create(engine.url()).getPort();
      assertThat(LanScan.ollamas(LanScan.addresses("127.0.0.1/32"), port)).isEmpty();
    }
  }

  /// The head of an answer comes at once, the rest never.
  @Test
  void one_that_never_ends_its_answer_takes_no_longer_than_it_may() throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answerHalf(silent));
      assertThat(
              CompletableFuture.supplyAsync(() ->
                      LanScan.ollamas(LanScan.addresses("127.0.0.1/32"), silent.getLocalPort()))
                  .get(20, TimeUnit.SECONDS))
          .isEmpty();
    }
  }

  /// The first connection only looks whether anybody listens.
  private static void answerHalf(ServerSocket silent) {
    try (Socket _ = silent.accept();
        Socket asked = silent.accept()) {
      asked
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".getBytes(US_ASCII));
      asked.getInputStream().readAllBytes();
    } catch (IOException _) {
      // The test is over.
    }
  }

  @Test
  void a_port_that_somebody_else_has_is_named_with_its_owner() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      Files.writeString(proc.resolve("net/tcp"), HEADER + line("0100007F", port, "4711"));
      var fd = Files.createDirectories(proc.resolve("321/fd"));
      Files.createSymbolicLink(fd.resolve("7"), Path.of("socket:[4711]"));
      Files.writeString(proc.resolve("321/comm"), "nginx\n");

      var scope = new Doctor.Scope(List.of(port, freePort()), List.of());
      var ports =
          examine(hub.url(), scope, "25").stream()
              .filter(finding -> finding.id().equals("port"))
              .toList();

      assertThat(ports)
          .extracting(Finding::severity)
          .containsExactly(Severity.WARNING, Severity.OK);
      assertThat(ports.getFirst().cause())
          .isEqualTo("port " + port + " is in use by nginx (pid 321)");
    }
  }

  @Test
  void the_hubs_own_port_is_no_trouble() {
    var scope = new Doctor.Scope(List.of(URI.create(hub.url()).getPort()), List.of());

    assertThat(find(examine(hub.url(), scope, "25"), "port").severity()).isEqualTo(Severity.OK);
  }

  @Test
  void an_engine_that_the_hub_does_not_use_is_suggested() throws IOException {
    try (var engine = new RecordedHub();
        var page = new RecordedHub()) {
      engine.json("GET /v1/models", 200, "{\"object\":\"list\",\"data\":[]}");
      page.json("GET /v1/models", 200, "{\"hello\":1}");
      int port = URI.create(engine.url()).getPort();
      var scope =
          new Doctor.Scope(List.of(), List.of(port, URI.create(page.url()).getPort(), freePort()));

      var found =
          examine(hub.url(), scope, "25").stream()
              .filter(finding -> finding.id().equals("engine"))
              .toList();

      assertThat(found)
          .extracting(Finding::fix)
          .containsExactly("tutti backend add http://127.0.0.1:" + port);
    }
  }

  @Test
  void an_engine_open_to_the_network_is_a_warning_and_a_closed_one_is_not() throws IOException {
    Files.writeString(
        proc.resolve("net/tcp"),
        HEADER
            + line("00000000", 11434, "1")
            + line("0100007F", 8080, "2")
            + line("0B01A8C0", 8000, "3")
            + line("00000000", 22, "4"));
    Files.writeString(
        proc.resolve("net/tcp6"),
        HEADER
            + line("00000000000000000000000000000000", 1234, "5")
            + line("00000000000000000000000001000000", 9931, "6")
            + "   7: 00000000000000000000000000000000:1F90 0:0 01 0:0 0:0 0 0 0 8 1 0 0\n"
            + "nonsense\n");

    var scope = new Doctor.Scope(List.of(), Doctor.Scope.USUAL.enginePorts());
    var open =
        examine(hub.url(), scope, "25").stream()
            .filter(finding -> finding.id().equals("engine.open"))
            .toList();

    assertThat(open).hasSize(2);
    assertThat(open.getFirst().cause())
        .isEqualTo("port 11434 is open to the whole network, without a key (Ollama)");
    assertThat(open.getFirst().fix()).contains("OLLAMA_HOST=127.0.0.1");
    assertThat(open.getLast().cause()).contains("port 1234");
  }

  @ParameterizedTest
  @CsvSource({"0, OK", "3, WARNING", "-3, WARNING"})
  void clocks_that_differ_are_told_with_the_direction(int minutes, Severity severity)
      throws IOException {
    var answer = new HubClient(URI.create(hub.url()), Secret.NONE).probe("/health");
    answer.body().close();
    var theirs =
        DateTimeFormatter.RFC_1123_DATE_TIME.parse(
            answer.headers().firstValue("date").orElseThrow(), Instant::from);

    var ours = theirs.plus(Duration.ofMinutes(minutes));
    var none = new Doctor.Scope(List.of(), List.of());
    var finding = find(examine(hub.url(), none, "25", ours), "clock");

    assertThat(finding.severity()).isEqualTo(severity);
    assertThat(finding.cause().contains("ahead of the hub's")).isEqualTo(minutes > 0);
    assertThat(finding.cause().contains("behind the hub's")).isEqualTo(minutes < 0);
  }

  @Test
  void nodes_whose_clocks_are_off_by_a_minute_or_more_are_named() throws IOException {
    hub.json(
        "GET /mesh/v1/nodes",
        200,
        """
        {"nodes":[
          {"node_id":"eve","connected":true,"clock_ahead_s":7200},
          {"node_id":"bob","connected":true,"clock_ahead_s":-60},
          {"node_id":"pi","connected":true,"clock_ahead_s":59},
          {"node_id":"ann","connected":true,"clock_ahead_s":-3},
          {"node_id":"old","connected":true,"clock_ahead_s":null},
          {"node_id":"gone","connected":false,"clock_ahead_s":9000}]}\
        """);
    var clocks = examine().stream().filter(each -> each.id().equals("node.clock")).toList();

    assertThat(clocks)
        .extracting(Finding::cause)
        .containsExactly(
            "eve's clock is 2 h 0 min ahead of the hub's",
            "bob's clock is 1 min 0 s behind the hub's",
            "the clocks of 2 nodes and the hub agree");
    assertThat(clocks)
        .extracting(Finding::severity)
        .containsExactly(Severity.WARNING, Severity.WARNING, Severity.OK);
    assertThat(clocks.getFirst().fix()).contains("NTP");
  }

  @Test
  void the_command_prints_findings_and_ends_with_the_worst() throws IOException {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    var json = new CommandRun().with("TUTTI_URL", hub.url());
    var table = new CommandRun().with("TUTTI_URL", hub.url());

    int exit = json.run("doctor", "--json", "--home", home.toString());
    int again = table.run("doctor", "--fix", "--home", home.toString());

    assertThat(exit).isEqualTo(5);
    var document = JsonMapper.shared().readTree(json.out());
    assertThat(document.path("exit").asInt()).isEqualTo(5);
    for (var finding : document.path("findings").values()) {
      assertThat(finding.propertyNames())
          .containsExactly("id", "severity", "cause", "fix", "fixable");
    }
    assertThat(again).isEqualTo(5);
    assertThat(table.err()).contains("fixed home.permissions");
    assertThat(table.out()).contains("SEVERITY", "is writable, and yours only");
  }

  private static String line(String address, int port, String inode) {
    return "   0: %s:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 %s 1 0\n"
        .formatted(address, port, inode);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
