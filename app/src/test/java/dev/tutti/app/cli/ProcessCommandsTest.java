package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// What the app is told to run.
final class ProcessCommandsTest {
  private static final Path HOME = Path.of("/home/somebody/.local/state/tutti");

  @Test
  void up_without_flags_leaves_everything_to_file_and_defaults() {
    var run = new CommandRun();

    assertThat(run.run("up")).isZero();

    assertThat(run.started())
        .containsExactly(
            new UpOptions(
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                false,
                List.of(),
                false,
                Optional.empty(),
                true,
                HOME,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                false));
  }

  @Test
  void up_passes_every_flag_on() {
    var run = new CommandRun();
    var line =
        "up --port 0 --node-port 1 --grpc-port 2 --host ::1 --lan --demo --strategy least-busy"
            + " --backend http://a:1,slots=2 --backend b:8080 --no-discover --home /h"
            + " --config /c.yaml --tls-cert /hub.pem --tls-key /hub.key --json";

    assertThat(run.run(line.split(" ", -1))).as(run.err()).isZero();

    assertThat(run.started())
        .containsExactly(
            new UpOptions(
                OptionalInt.of(0),
                OptionalInt.of(1),
                OptionalInt.of(2),
                Optional.of("::1"),
                true,
                List.of("http://a:1,slots=2", "b:8080"),
                true,
                Optional.of("least-busy"),
                false,
                Path.of("/h"),
                Optional.of(Path.of("/c.yaml")),
                false,
                Optional.of(Path.of("/hub.pem")),
                Optional.of(Path.of("/hub.key")),
                true));
  }

  @Test
  void a_flag_comes_before_the_environment_and_the_environment_before_the_default() {
    var environment = new CommandRun().with("TUTTI_PORT", "9000").with("TUTTI_NO_DISCOVER", "1");
    var flag = new CommandRun().with("TUTTI_PORT", "9000").with("TUTTI_LAN", "no");

    environment.run("up");
    flag.run("up", "--port", "9001");

    var first = (UpOptions) environment.started().getFirst();
    var second = (UpOptions) flag.started().getFirst();
    assertThat(first.port()).hasValue(9000);
    assertThat(first.discover()).isFalse();
    assertThat(second.port()).hasValue(9001);
    assertThat(second.lan()).isFalse();
  }

  @Test
  void a_wrong_value_of_the_environment_is_a_usage_error() {
    var run = new CommandRun().with("TUTTI_PORT", "many");

    assertThat(run.run("up")).isEqualTo(2);
    assertThat(run.started()).isEmpty();
  }

  @Test
  void an_agent_joins_with_its_token_from_flag_or_environment() {
    var flag = new CommandRun();
    var environment = new CommandRun().with("TUTTI_TOKEN", "t2");

    flag.run("agent", "join", "http://10.0.0.1:8765", "--token", "t1", "--name", "attic");
    environment.run("agent", "join", "10.0.0.1:8765");

    assertThat(flag.started())
        .containsExactly(
            new JoinOptions(
                "http://10.0.0.1:8765",
                "t1",
                new AgentOptions(Optional.of("attic"), List.of(), true, HOME, false)));
    assertThat(environment.started())
        .containsExactly(
            new JoinOptions(
                "http://10.0.0.1:8765",
                "t2",
                new AgentOptions(Optional.empty(), List.of(), true, HOME, false)));
  }

  @Test
  void the_code_of_a_process_is_the_code_of_its_command() {
    var run = new CommandRun();

    assertThat(run.run("agent", "run", "--backend", "http://127.0.0.1:8080")).isEqualTo(7);

    assertThat(run.started())
        .containsExactly(
            new AgentOptions(
                Optional.empty(), List.of("http://127.0.0.1:8080"), true, HOME, false));
  }

  @Test
  void leaving_needs_no_flags() {
    var run = new CommandRun().with("TUTTI_HOME", "/elsewhere");

    assertThat(run.run("agent", "leave")).isZero();

    assertThat(((AgentOptions) run.started().getFirst()).home()).isEqualTo(Path.of("/elsewhere"));
  }

  @Test
  void the_home_is_where_the_system_keeps_state() {
    var run = new CommandRun().with("XDG_STATE_HOME", "/state");
    var linux = run.environment();
    var mac =
        new Environment(
            Map.of(), linux.userHome(), "Mac OS X", linux.proc(), linux.java(), linux.time());

    assertThat(linux.home()).isEqualTo(Path.of("/state/tutti"));
    assertThat(mac.home()).isEqualTo(Path.of("/home/somebody/Library/Application Support/tutti"));
    assertThat(run.with("XDG_STATE_HOME", "relative").environment().home()).isEqualTo(HOME);
  }

  @Test
  void an_import_tells_what_it_took_and_what_it_left_out() {
    var run = new CommandRun();
    assertThat(run.run("import", "workers.json", "--live", "--config", "mine.yaml")).isZero();
    assertThat(run.started())
        .containsExactly(
            new ImportOptions(Path.of("workers.json"), Optional.of(Path.of("mine.yaml")), true));
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("f:3: workers.colour: not used", "2 engines and 1 rules are now in mine.yaml");
  }

  @Test
  void what_cannot_be_mixed_is_printed_and_fails() {
    var run = new CommandRun();
    assertThat(run.run("import", "clashes.json")).isEqualTo(1);
    assertThat(run.out()).isEqualTo("workers:\n");
    assertThat(run.err()).contains("Merge the above by hand, or use --live.");
  }

  @Test
  void an_import_as_json_is_one_document() {
    var run = new CommandRun();
    assertThat(run.run("import", "workers.json", "--json")).isZero();
    assertThat(run.out())
        .contains("\"written\" : true", "\"backends\" : 2", "f:3: workers.colour: not used");
    assertThat(run.err()).isEmpty();
  }
}
