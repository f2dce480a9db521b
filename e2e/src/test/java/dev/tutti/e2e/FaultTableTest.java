package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.e2e.FaultyMesh.Trouble;
import dev.tutti.testkit.EventTape;
import dev.tutti.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Twelve faults, each dialect of engines, every client: each client sees an error or the whole
/// answer, none hangs, and none takes a broken answer for an end. What they see is the table in
/// `docs/faults.md`; `-Dgolden.update=true` writes it anew.
final class FaultTableTest {
  private static final Path PAGE =
      Path.of(System.getProperty("tutti.root", "."), "docs", "faults.md");
  private static final String BEGIN = "<!-- table: %s -->\n";
  private static final String END = "<!-- end of table -->";
  private static final Duration LIST_WITHIN = Duration.ofSeconds(1);
  private static final Duration SOON = Duration.ofSeconds(10);

  private static FaultyMesh mesh;

  @BeforeAll
  static void start() {
    mesh = FaultyMesh.start();
  }

  @AfterAll
  static void stop() {
    if (mesh != null) {
      mesh.close();
    }
  }

  private static FaultTable ask(String hub) {
    var table = new FaultTable();
    NodeScript.run("faults.mjs", hub, FaultyMesh.modelList(), mesh.answer())
        .properties()
        .forEach(way ->
            way.getValue()
                .properties()
                .forEach(
                    model -> table.put(way.getKey(), model.getKey(), model.getValue().asString())));
    new LangChainFaults(hub, mesh.answer())
        .ask(FaultyMesh.models())
        .forEach((way, row) -> row.forEach((model, seen) -> table.put(way, model, seen)));
    return table;
  }

  @Test
  @DisplayName("T12 T20 T21 T35 alone, a broken engine is an error for every client")
  void alone_it_is_an_error() throws IOException {
    FaultTable table = ask(mesh.alone().url());
    assertThat(table.wrong(false)).as(mesh.alone().log()).isEmpty();
    assertPage("one engine", table.markdown(false));
  }

  @Test
  @DisplayName("T13 beside a sound engine, all that comes before the first word is made good")
  void beside_a_sound_engine_it_is_the_whole_answer() throws Exception {
    try (var tape = EventTape.start(mesh.withSound().url())) {
      FaultTable table = ask(mesh.withSound().url());
      assertThat(table.wrong(true)).as(mesh.withSound().log()).isEmpty();
      assertPage("a sound engine beside it", table.markdown(true));
      Set<String> troubled =
          FaultyMesh.models().stream()
              .filter(model -> !model.endsWith(Trouble.REFUSE.text()))
              .map(model -> "a-" + model)
              .collect(Collectors.toSet());
      Eventually.until(
          "each engine with a trouble was asked first",
          SOON,
          () ->
              tape.events().stream()
                  .filter(event -> event.kind().equals("task.attempt_failed"))
                  .map(event -> event.what().path("backend").asString())
                  .collect(Collectors.toSet())
                  .containsAll(troubled));
    }
  }

  @Test
  @DisplayName("T43 an engine that is down slows no list")
  void an_engine_that_is_down_slows_no_list() {
    for (String path : new String[] {"/v1/models", "/api/tags"}) {
      long before = System.nanoTime();
      assertThat(Http.get(mesh.alone().url() + path).status()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).as(path).isLessThan(LIST_WITHIN);
    }
  }

  private static void assertPage(String name, String table) throws IOException {
    String page = Files.readString(PAGE);
    int from = page.indexOf(BEGIN.formatted(name)) + BEGIN.formatted(name).length();
    int to = page.indexOf(END, from);
    assertThat(to)
        .as(PAGE + ": the place of the table \"" + name + "\"")
        .isGreaterThanOrEqualTo(from);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(PAGE, page.substring(0, from) + table + page.substring(to));
    } else {
      assertThat(FaultTable.withoutClasses(table))
          .as(PAGE.toString())
          .isEqualTo(FaultTable.withoutClasses(page.substring(from, to)));
    }
  }
}
