package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What scripts rely on.
final class ExitTest {
  private RecordedHub hub;

  @BeforeEach
  void open() throws IOException {
    hub = RecordedHub.complete();
  }

  @AfterEach
  void close() {
    hub.close();
  }

  @ParameterizedTest
  @CsvSource({
    "200, 0", "400, 1", "401, 4", "403, 4", "404, 6", "405, 1", "408, 8", "409, 1", "428, 7",
    "429, 8", "499, 1", "500, 1", "502, 1", "503, 8", "504, 8", "508, 1",
  })
  void a_status_of_the_hub_becomes_an_exit_code(int status, int exit) {
    hub.json("GET /mesh/v1/nodes", status, "{\"error\":{\"code\":\"x\",\"message\":\"because\"}}");
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run("node", "list")).isEqualTo(exit);

    assertThat(run.err().contains("tutti: because")).isEqualTo(exit != 0);
  }

  @Test
  void nobody_there_is_down_and_says_what_is_missing() throws IOException {
    int port;
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    var run = new CommandRun();

    assertThat(run.run("status", "--url", "127.0.0.1:" + port)).isEqualTo(6);

    assertThat(run.err())
        .isEqualTo(
            "tutti: no hub answers at http://127.0.0.1:%d (expected: a running \"tutti up\")%n"
                .formatted(port));
    assertThat(run.out()).isEmpty();
  }

  @Test
  void another_server_is_not_taken_for_a_hub() {
    hub.answer(
        "GET /mesh/v1/models",
        exchange -> RecordedHub.send(exchange, 200, "text/html", "<h1>It works!</h1>"));
    hub.answer(
        "GET /mesh/v1/queue",
        exchange -> RecordedHub.send(exchange, 404, "text/html", "<h1>Not found</h1>"));
    var page = new CommandRun().with("TUTTI_URL", hub.url());
    var missing = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(page.run("model", "list")).isEqualTo(6);
    assertThat(missing.run("queue")).isEqualTo(6);

    assertThat(page.err()).contains("is no hub");
    assertThat(missing.err()).contains("is no hub");
  }

  @Test
  void a_document_that_is_too_long_is_refused_and_not_kept() {
    hub.answer(
        "GET /mesh/v1/models",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          var block = new byte[1 << 20];
          java.util.Arrays.fill(block, (byte) ' ');
          for (int i = 0; i < 65; i++) {
            exchange.getResponseBody().write(block);
          }
          exchange.close();
        });
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run("model", "list")).isEqualTo(1);

    assertThat(run.err()).contains("document over 67108864 bytes (expected: less)");
  }

  @Test
  void a_lost_key_is_asked_for() {
    hub.json("GET /mesh/v1/nodes", 401, "{\"error\":{\"message\":\"no key\"}}");
    var without = new CommandRun().with("TUTTI_URL", hub.url());
    var with = new CommandRun().with("TUTTI_URL", hub.url()).with("TUTTI_KEY", "secret-1");

    without.run("node", "list");
    with.run("node", "list");

    assertThat(without.err()).contains("no key (expected: --key or TUTTI_KEY)");
    assertThat(with.err()).contains("no key").doesNotContain("secret-1");
    assertThat(hub.asked().getLast().key()).isEqualTo("Bearer secret-1");
  }

  @Test
  void a_refusal_says_when_to_come_back() {
    hub.answer(
        "POST /v1/chat/completions",
        exchange -> {
          exchange.getResponseHeaders().set("retry-after", "7");
          RecordedHub.send(exchange, 503, "application/json", "{\"error\":{\"message\":\"full\"}}");
        });
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run("run", "m", "hello")).isEqualTo(8);

    assertThat(run.err()).contains("full (retry after 7 s)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "node",
        "node list --nonsense",
        "node show",
        "node invite",
        "node invite --name UPPER",
        "node invite --name n --role king",
        "status --url ftp://x",
        "status --url http://",
        "status --watch -1",
        "backend add ftp://x",
        "backend add http://x,slots=0",
        "backend add http://x,speed=9",
        "up --port 65536",
        "up --port many",
        "up --strategy dice",
        "up --backend nothing://x",
        "agent join http://127.0.0.1:1",
        "run",
        "run m",
        "run m hello --priority 10",
        "embed m",
        "completion tcsh",
      })
  void a_wrong_command_line_is_a_usage_error(String line) {
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run(line.split(" ", -1))).as(run.err()).isEqualTo(2);

    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isNotEmpty();
    assertThat(hub.asked()).isEmpty();
  }

  @Test
  void a_healthy_mesh_is_ok_and_a_missing_engine_is_degraded() {
    var degraded = new CommandRun().with("TUTTI_URL", hub.url());
    assertThat(degraded.run("status")).isEqualTo(5);

    hub.json("GET /mesh/v1/backends", 200, "{\"backends\":[{\"health\":\"up\"}]}");
    hub.json("GET /mesh/v1/nodes", 200, "{\"nodes\":[{\"node_id\":\"a\",\"status\":\"idle\"}]}");
    var healthy = new CommandRun().with("TUTTI_URL", hub.url());
    assertThat(healthy.run("status")).isZero();
  }

  @Test
  void a_probe_of_a_dead_engine_is_down() {
    hub.json(
        "POST /mesh/v1/backends/a/probe",
        200,
        "{\"backend_id\":\"a\",\"health\":\"down\",\"trouble\":\"refused\"}");
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run("backend", "probe", "a")).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({"not_found, 6", "busy, 8", "internal, 1"})
  void an_explained_refusal_ends_as_the_request_would(String code, int exit) {
    hub.json(
        "GET /mesh/v1/routes/explain?model=x&type=chat",
        200,
        "{\"model\":\"x\",\"places\":[],\"refusal\":{\"code\":\"%s\",\"message\":\"no\"}}"
            .formatted(code));
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run("route", "explain", "x", "--type", "chat")).isEqualTo(exit);

    assertThat(run.out()).contains("refused: no");
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "bench"})
  void what_the_launcher_does_needs_the_launcher(String command) {
    var run = new CommandRun();

    assertThat(run.run(command)).isEqualTo(3);

    assertThat(run.err()).contains("./tutti " + command);
  }
}
