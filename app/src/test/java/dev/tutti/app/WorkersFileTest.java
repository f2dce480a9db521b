package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.app.cli.ImportOptions;
import dev.tutti.app.cli.Imported;
import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.PoolRule;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.WorkerRule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkersFileTest {
  private static final String FILE =
      """
      {
        "_meta": { "description": "for people" },
        "workers": [
          { "worker_id": "hall", "display_name": "Hall", "node_id": "hall", "type": "ollama_local",
            "endpoint": "http://localhost:11434", "priority": 100, "max_concurrent": 3,
            "models_available": ["small:3b", "embedder"], "task_types": ["route", "embed"],
            "enabled": true, "notes": "" },
          { "worker_id": "attic", "type": "ollama", "endpoint": "http://192.168.7.20:11434/",
            "priority": 40, "models": ["big:8b"], "capabilities": ["write", "juggle"],
            "status": "active", "colour": "green" },
          { "worker_id": "cellar", "type": "ollama_remote", "endpoint": "http://192.168.1.XX:11434",
            "priority": 90, "enabled": false },
          { "worker_id": "browser", "type": "harpa_grid", "endpoint": "harpa_grid" },
          { "worker_id": "sky", "node_id": null, "type": "openai_api",
            "endpoint": "https://api.example.com/v1", "priority": 10, "max_concurrent": 5,
            "models_available": ["gpt-x"], "task_types": ["write"], "enabled": true },
          { "worker_id": "_template", "type": "ollama_remote", "endpoint": "http://192.168.1.XX:1" }
        ],
        "routing_rules": [
          { "rule_id": "embedding", "task_types": ["embed"], "preferred_workers": ["hall"],
            "fallback": [], "model_preference": "embedder" },
          { "rule_id": "writing", "task_types": ["write", "qa"],
            "preferred_workers": ["attic", "cellar"], "fallback": ["sky", "nobody"],
            "model_preference": "big:8b" },
          { "rule_id": "web", "task_types": ["browser"], "preferred_workers": ["browser"],
            "fallback": [], "model_preference": null }
        ],
        "global_settings": {
          "worker_selection_strategy": "priority_with_availability",
          "max_retries": 2
        }
      }
      """;

  @TempDir private Path folder;

  private static WorkerRule worker(
      int priority, OptionalInt most, boolean cloud, Set<TaskType> types, String... models) {
    return new WorkerRule(
        Optional.of(true),
        OptionalInt.of(priority),
        most,
        Optional.empty(),
        cloud ? Optional.of(true) : Optional.empty(),
        types,
        Set.of(List.of(models).stream().map(ModelName::new).toArray(ModelName[]::new)));
  }

  private static WorkerRule of(Policy policy, String worker) {
    return Optional.ofNullable(policy.workers().get(worker)).orElseThrow();
  }

  @Test
  void workers_become_engines_and_rules_about_them() {
    WorkersFile.Taken taken = WorkersFile.parse("f", FILE);
    assertThat(taken.backends())
        .containsExactly(
            "http://localhost:11434,slots=3,name=hall",
            "http://192.168.7.20:11434,name=attic",
            "https://api.example.com,slots=5,name=sky");
    assertThat(taken.byPriority()).isTrue();
    assertThat(of(taken.policy(), "hall"))
        .isEqualTo(worker(100, OptionalInt.of(3), false, Set.of(TaskType.ROUTE, TaskType.EMBED)));
    assertThat(of(taken.policy(), "attic"))
        .isEqualTo(worker(40, OptionalInt.empty(), false, Set.of(TaskType.WRITE)));
    assertThat(of(taken.policy(), "sky"))
        .isEqualTo(worker(10, OptionalInt.of(5), true, Set.of(TaskType.WRITE), "gpt-x"));
    assertThat(of(taken.policy(), "cellar").enabled()).contains(false);
    assertThat(taken.policy().workers()).containsOnlyKeys("hall", "attic", "cellar", "sky");
  }

  @Test
  void a_rule_consents_to_another_model_where_its_workers_have_not_the_preferred_one() {
    assertThat(WorkersFile.parse("f", FILE).policy().rules())
        .containsExactly(
            new PoolRule(
                "embedding",
                Set.of(TaskType.EMBED),
                List.of("hall"),
                List.of(),
                Optional.of(new ModelName("embedder")),
                false),
            new PoolRule(
                "writing",
                Set.of(TaskType.WRITE, TaskType.QA),
                List.of("attic", "cellar"),
                List.of("sky", "nobody"),
                Optional.of(new ModelName("big:8b")),
                true),
            new PoolRule(
                "web",
                Set.of(TaskType.BROWSER),
                List.of("browser"),
                List.of(),
                Optional.empty(),
                false));
  }

  @Test
  void what_is_left_out_is_told_with_its_line() {
    assertThat(WorkersFile.parse("f", FILE).notes())
        .containsExactly(
            "f:9: workers.capabilities: juggle is no type known here",
            "f:10: workers.colour: not used",
            "f:13: workers: browser: type harpa_grid is not known here",
            "f:30: global_settings.max_retries: not used",
            "f:22: routing_rules: writing: worker cellar is not in use",
            "f:22: routing_rules: writing: no worker nobody",
            "f:25: routing_rules: web: worker browser is not in use");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"nodes\": []}                       | f:1: nodes: (expected: workers; this is a registry",
        "[]                                   | f: (expected: an object with workers",
        "{\"workers\": 3}                     | f:1: workers: 3 (expected: a list)",
        "{\"workers\": [3]}                   | f:1: workers: 3 (expected: at most 1024 objects)",
        "{\"workers\": [{}]}                  | f:1: workers: one without worker_id",
        "{\"workers\": [{\"priority\": \"x\"}]} | f:1: workers.priority: x (expected: a whole number)",
        "{\"routing_rules\": [{\"task_types\": 1}]} | f:1: routing_rules.task_types: 1 (expected: a list)",
        "{\"workers\": [                      | f:1: ",
      })
  void a_mistake_is_named_with_its_line(String text, String message) {
    assertThatThrownBy(() -> WorkersFile.parse("f", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void an_endpoint_that_cannot_be_is_a_mistake_of_its_worker() {
    String text =
        "{\"workers\": [{\"worker_id\": \"a\", \"type\": \"ollama\", \"endpoint\": \"ftp://a\"}]}";
    assertThatThrownBy(() -> WorkersFile.parse("f", text))
        .hasMessageContaining("f:1: workers: a: ");
  }

  // ---- into tutti.yaml

  private Imported imported(boolean live) throws Exception {
    Path file = Files.writeString(folder.resolve("workers.json"), FILE);
    return Import.into(config(), new ImportOptions(file, Optional.empty(), live));
  }

  private Path config() {
    return folder.resolve("tutti.yaml");
  }

  @Test
  void an_import_means_what_the_file_means_and_keeps_what_was_there() throws Exception {
    Files.writeString(config(), "# mine\nport: 9000\n");
    Imported done = imported(false);
    assertThat(done.written()).isTrue();
    assertThat(done.backends()).isEqualTo(3);
    assertThat(done.rules()).isEqualTo(3);
    assertThat(config()).content().startsWith("# mine\nport: 9000\n# begin: imported");
    Settings settings = SettingsFile.read(config()).over(Settings.DEFAULTS);
    WorkersFile.Taken taken = WorkersFile.parse("f", FILE);
    assertThat(settings.port()).isEqualTo(9000);
    assertThat(settings.strategy()).isEqualTo(Settings.StrategyName.PRIORITY);
    assertThat(settings.backends()).isEqualTo(taken.backends());
    assertThat(settings.policy()).isEqualTo(taken.policy());
  }

  @Test
  void what_is_taken_can_be_imported_whatever_its_rules_name() {
    WorkersFile.Taken taken =
        WorkersFile.parse(
            "f",
            """
            { "routing_rules": [ { "rule_id": "a \\u2028 b", "task_types": ["write"],
              "preferred_workers": ["{ky", "attic"], "fallback": ["no body"] } ] }
            """);
    assertThat(taken.notes()).hasSize(3);
    Policy policy = SettingsFile.parse("s", Import.block(taken, true)).policy();
    assertThat(policy).isEqualTo(taken.policy());
    assertThat(policy.rules().getFirst().preferred()).containsExactly("attic");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            WorkersFile.parse(
                "f",
                "{\"workers\": [ { \"worker_id\": \"no name\", \"type\": \"ollama\","
                    + " \"enabled\": false } ] }"))
        .withMessageStartingWith("f:1: workers: no name: ");
  }

  @Test
  void a_second_import_replaces_the_first() throws Exception {
    imported(false);
    String once = Files.readString(config());
    assertThat(imported(false).written()).isTrue();
    assertThat(config()).content().isEqualTo(once);
    assertThat(imported(true).written()).isTrue();
    assertThat(config()).content().doesNotContain("imported").startsWith("workers-file: ");
  }

  @Test
  void what_the_owner_wrote_is_not_mixed_with_what_is_imported() throws Exception {
    Files.writeString(config(), "strategy: echo\nworkers: { a: { priority: 3 } }\n");
    Imported done = imported(false);
    assertThat(done.written()).isFalse();
    assertThat(done.settings()).contains("rules:").doesNotContain("strategy:");
    assertThat(config()).content().isEqualTo("strategy: echo\nworkers: { a: { priority: 3 } }\n");
  }

  @Test
  void the_file_itself_is_served_below_what_the_settings_say() throws Exception {
    Path file = Files.writeString(folder.resolve("workers.json"), FILE);
    Files.writeString(
        config(),
        """
        workers-file: workers.json
        workers: { attic: { priority: 70 }, other: { enabled: false } }
        cloud: { after: 20s }
        """);
    SettingsFile.Content content = SettingsFile.read(config());
    assertThat(content.workersFile().orElseThrow().normalize()).isEqualTo(file);
    Settings settings =
        OwnersFiles.with(content.over(Settings.DEFAULTS), false, WorkersFile.read(file));
    Policy policy = settings.policy();
    assertThat(settings.strategy()).isEqualTo(Settings.StrategyName.PRIORITY);
    assertThat(settings.backends()).hasSize(3);
    assertThat(of(policy, "attic").priority()).hasValue(70);
    assertThat(of(policy, "attic").types()).containsExactly(TaskType.WRITE);
    assertThat(of(policy, "other").enabled()).contains(false);
    assertThat(policy.rules()).hasSize(3);
    assertThat(policy.cloudAfter()).isPresent();
    assertThat(OwnersFiles.with(Settings.DEFAULTS, true, WorkersFile.read(file)).strategy())
        .isEqualTo(Settings.StrategyName.PREDICTIVE);
  }
}
