package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What people see.
final class TablesTest {
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
    "status, status, 5",
    "node list, node-list, 0",
    "node show maestro, node-show, 0",
    "node invite --name attic, node-invite, 0",
    "backend list, backend-list, 0",
    "'backend add http://127.0.0.1:11434,slots=1', backend-add, 0",
    "backend probe maestro/ollama, backend-probe, 0",
    "discover, discover, 0",
    "model list, model-list, 0",
    "model place --plan, model-place, 0",
    "model place --apply, model-place-apply, 0",
    "task list, task-list, 0",
    "task show t-5ndmvrgq6hs0a9w2x4zc, task-show, 0",
    "queue, queue, 0",
    "route explain llama3.2:3b, route-explain, 0",
    "embed nomic-embed-text one two, embed, 0",
  })
  void a_command_prints_its_table(String line, String golden, int exit) throws IOException {
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run(line.split(" ", -1))).as(run.err()).isEqualTo(exit);

    Golden.checkTable(golden + ".txt", run.out().replace(hub.url(), "http://HUB"));
  }

  @Test
  void names_from_the_network_cannot_command_a_terminal() {
    var run = new CommandRun().with("TUTTI_URL", hub.url()).with("NO_COLOR", "1").atTerminal();

    run.run("node", "list");

    assertThat(run.out()).contains("pi?[31m").doesNotContain("\u001b");
  }

  @Test
  void colour_is_for_terminals_that_want_it() {
    var colored = new CommandRun().with("TUTTI_URL", hub.url()).atTerminal();
    var piped = new CommandRun().with("TUTTI_URL", hub.url());
    var dumb = new CommandRun().with("TUTTI_URL", hub.url()).with("TERM", "dumb").atTerminal();

    colored.run("backend", "list");
    piped.run("backend", "list");
    dumb.run("backend", "list");

    assertThat(colored.out()).contains("\u001b[31mdown\u001b[0m");
    assertThat(piped.out()).doesNotContain("\u001b");
    assertThat(dumb.out()).doesNotContain("\u001b");
  }

  @Test
  void wide_letters_do_not_break_the_columns() {
    var table = Table.of("NAME", ">N");
    table.row("合奏", "1");
    table.row("tutti", "22");

    assertThat(table.lines(Output.Look.PLAIN)).containsExactly("NAME    N", "合奏    1", "tutti  22");
  }

  @Test
  void an_empty_list_says_what_to_do_next() {
    hub.json("GET /mesh/v1/backends", 200, "{\"backends\":[]}");
    var run = new CommandRun().with("TUTTI_URL", hub.url());

    assertThat(run.run("backend", "list")).isZero();

    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("tutti backend add URL");
  }
}
