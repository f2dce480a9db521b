package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class SimulateCommandTest {
  @TempDir private Path folder;

  private Path trace = Path.of("");

  @BeforeEach
  void write_a_trace() throws IOException {
    var lines = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
    for (int i = 0; i < 40; i++) {
      lines.append("2023-11-16 18:15:%02d.5,%d,%d%n".formatted(i, 100 + 37 * i % 400, 1 + 11 * i));
    }
    trace = Files.writeString(folder.resolve("trace.csv"), lines);
  }

  @Test
  void json_is_one_document_with_the_strategies_in_the_order_asked_for() {
    var run = simulate("symphony-phase-1", "--strategies", "bind-round-robin,echo", "--json");

    JsonNode document = JsonMapper.shared().readTree(run.out());
    assertThat(document.propertyNames()).containsExactly("strategies");
    var strategies = document.path("strategies");
    assertThat(strategies)
        .extracting(one -> one.path("strategy").asString())
        .containsExactly("bind-round-robin", "echo");
    assertThat(strategies.get(0).propertyNames())
        .containsExactly(
            "strategy",
            "requests",
            "failed",
            "ttft_ms",
            "completion_ms",
            "makespan_s",
            "tokens_per_s",
            "cache_hit",
            "loads",
            "fairness");
    assertThat(strategies.get(1).path("requests").asInt()).isEqualTo(40);
  }

  @Test
  void the_same_seed_gives_the_same_bytes() {
    var words = new String[] {"--mix", "llama3.1:8b:1,llama3.2:3b:1", "--seed", "4", "--json"};

    assertThat(simulate("symphony-phase-2", words).out())
        .isEqualTo(simulate("symphony-phase-2", words).out());
  }

  @Test
  void a_person_gets_a_table_and_a_chart() throws IOException {
    Path svg = folder.resolve("chart.svg");
    Path fleet =
        Files.writeString(
            folder.resolve("fleet.yaml"),
            "models: {m: {size_gb: 1}}\n"
                + "nodes: [{name: a, ram_gb: 8, rates: {m: {prefill: 100, decode: 10}}}]");

    var run = simulate(fleet.toString(), "--model", "m", "--limit", "9", "--svg", svg.toString());

    assertThat(run.out()).contains("STRATEGY", "bind-least-busy", "95 of 100", "█");
    assertThat(svg).content().startsWith("<svg").contains("round-robin").endsWith("</svg>\n");
  }

  @Test
  void one_more_machine_is_shown_beside_the_fleet_without_it() {
    var run = simulate("symphony-phase-1", "--strategies", "echo", "--add", "m4-mini");
    var json = simulate("symphony-phase-1", "--strategies", "echo", "--add", "pi-5", "--json");

    assertThat(run.out()).contains("WATTS", "+ m4-mini", "echo + m4-mini");
    JsonNode added = JsonMapper.shared().readTree(json.out()).path("added");
    assertThat(added.path("node").asString()).isEqualTo("pi-5");
    assertThat(added.path("strategies")).hasSize(1);
    assertThat(added.path("changes").get(0).propertyNames())
        .containsExactly("strategy", "without", "with");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--load|much|--load: much (expected: a number > 0, or trace)",
        "--load|0|--load: 0 (expected: a number > 0, or trace)",
        "--strategies|best|strategy: best (expected: one of [",
        "--model|gpt|model: gpt (expected: one of [",
        "--mix|gpt|mix: gpt (expected: MODEL:SHARE)",
        "--add|cray-1|cray-1 (expected: a readable file, or one of [intel-imac",
        "--fleet|nowhere|nowhere (expected: a readable file, or one of [symphony-phase-1",
        "--trace|nothing|nothing (expected: a readable file)"
      })
  void what_cannot_be_simulated_is_told(String option, String value, String message) {
    var words = new ArrayList<>(List.of("route", "simulate", option, value));
    if (!option.equals("--trace")) {
      words.addAll(List.of("--trace", trace.toString()));
    }
    if (!option.equals("--fleet")) {
      words.addAll(List.of("--fleet", "symphony-phase-1"));
    }
    var run = new CommandRun();

    assertThat(run.run(words.toArray(String[]::new))).isEqualTo(Exit.USAGE.code());

    assertThat(run.err()).startsWith("tutti: " + message);
    assertThat(run.out()).isEmpty();
  }

  private CommandRun simulate(String fleet, String... more) {
    var words =
        new ArrayList<>(
            List.of("route", "simulate", "--trace", trace.toString(), "--fleet", fleet));
    words.addAll(List.of(more));
    var run = new CommandRun();
    assertThat(run.run(words.toArray(String[]::new))).as(run.err()).isZero();
    return run;
  }
}
