package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.access.Tier;
import dev.tutti.access.Tiers;
import dev.tutti.backends.EngineAddress;
import dev.tutti.backends.LoadRule;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Secret;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.dispatch.AutoRules;
import dev.tutti.dispatch.Difficulty;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.PoolRule;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.WorkerRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsFileTest {
  private static final String WHOLE =
      """
      # all of it
      port: 9000
      node-port: 9001
      grpc-port: 9002
      lan: true
      discover: false
      hedge: true
      strategy: round-robin
      node-name: bob
      queue:
        ttl: 45s
        limit: 12
      silence:
        first: 90s
        between: 7s
      backends:
        - http://192.168.1.20:11434,slots=2
        - url: http://192.168.1.21:8080
          name: virtuoso
          slots: 4
      tls: { certificate: hub.pem, key: /keys/hub.key }
      origins: [ "https://Chat.example", "http://192.168.1.9:3000" ]
      models:
        llama3.2:3b: { context: 16384, keep-alive: forever, pin: [ bob, virtuoso ] }
        "*": { keep-alive: 30m }
      auto:
        code: [ qwen2.5-coder:32b, codellama ]
        hard: [ llama3.3:70b ]
        router: llama3.2:3b
      workers:
        maestro: { enabled: true, priority: 40, max-concurrent: 2, batch-only: true }
        openai: { cloud: true, types: [ write ], models: [ gpt-4o ] }
      rules:
        - name: general
          types: [ write, qa ]
          preferred: [ virtuoso, maestro/ollama ]
          fallback: [ openai ]
          model: llama3.1:8b
          substitute: allow
      cloud: { after: 20s, budget-eur: 12.50 }
      tiers: { bob: trusted, virtuoso: guest }
      audit: { requests: hashes }
      hosts: [ AI.example.org ]
      """;

  @Test
  void what_an_engine_wants_is_read_and_no_message_repeats_a_key() {
    Settings settings =
        SettingsFile.parse(
                "tutti.yaml",
                """
                backends:
                  - { url: https://api.example, key-env: EXAMPLE_KEY, price-in: 2.5, price-out: 10 }
                  - { url: "http://bob:8000", key: sk-very-secret }
                """)
            .over(Settings.DEFAULTS);
    assertThat(settings.access().accounts())
        .isEqualTo(
            Map.of(
                "https://api.example",
                new Account(
                    Optional.of(new Account.KeySource.Variable("EXAMPLE_KEY")),
                    Optional.of(new Account.Price(2.5, 10))),
                "http://bob:8000",
                new Account(
                    Optional.of(new Account.KeySource.Here(Secret.of("sk-very-secret"))),
                    Optional.empty())));
    assertThat(settings.toString()).doesNotContain("sk-very-secret");
    assertThat(new Account.Price(2.5, 10).microEuro(1_000, 100)).isEqualTo(3_500);
    assertThatThrownBy(() ->
            SettingsFile.parse(
                "tutti.yaml",
                """
                tiers: { bob: friend }
                cloud: { budget-eur: -1 }
                backends:
                  - { url: "http://a", key: [ sk-x ], price-in: -1 }
                """))
        .hasMessageContaining("tutti.yaml:1: tiers: friend (expected: guest, usual or trusted)")
        .hasMessageContaining(
            "tutti.yaml:2: cloud.budget-eur: -1 (expected: 0 or more euro a month)")
        .hasMessageContaining("backends.key: no text")
        .hasMessageContaining("price-in: -1.0 (expected: ")
        .hasMessageNotContaining("sk-x");
    var accounts = new Accounts();
    var open =
        new Account(Optional.of(new Account.KeySource.Here(Secret.of("sk"))), Optional.empty());
    assertThatThrownBy(() -> accounts.take(Map.of("http://api.example.com", open)))
        .hasMessageContaining("(expected: https, or an address at home)");
    accounts.take(Map.of("http://192.168.1.9:8000", open));
    assertThat(accounts.key(EngineAddress.parse("http://192.168.1.9:8000/v1")))
        .contains(Secret.of("sk"));
    assertThat(accounts.key(EngineAddress.parse("http://192.168.1.10:8000"))).isEmpty();
  }

  @Test
  void every_setting_is_read() {
    Settings settings = SettingsFile.parse("tutti.yaml", WHOLE).over(Settings.DEFAULTS);
    assertThat(settings)
        .isEqualTo(
            new Settings(
                "127.0.0.1",
                9000,
                9001,
                9002,
                true,
                false,
                Settings.StrategyName.ROUND_ROBIN,
                Duration.ofSeconds(45),
                12,
                new Settings.Silence(Duration.ofSeconds(90), Duration.ofSeconds(7)),
                java.util.List.of(
                    "http://192.168.1.20:11434,slots=2",
                    "http://192.168.1.21:8080,slots=4,name=virtuoso"),
                false,
                "bob",
                new Web(
                    Optional.of(Path.of("hub.pem")),
                    Optional.of(Path.of("/keys/hub.key")),
                    java.util.List.of("https://chat.example", "http://192.168.1.9:3000"),
                    java.util.List.of("ai.example.org")),
                new LoadRules(
                    Map.of(
                        new ModelName("llama3.2:3b"),
                        new LoadRule(OptionalInt.of(16_384), Optional.of(OllamaLoad.FOREVER))),
                    Map.of(
                        new ModelName("llama3.2:3b"),
                        Set.of(new NodeId("bob"), new NodeId("virtuoso"))),
                    new LoadRule(OptionalInt.empty(), Optional.of(Duration.ofMinutes(30)))),
                true,
                new AutoChoice(
                    new AutoRules(
                        Map.of(
                            TaskType.CODE,
                            java.util.List.of(
                                new ModelName("qwen2.5-coder:32b"), new ModelName("codellama"))),
                        Map.of(Difficulty.HARD, java.util.List.of(new ModelName("llama3.3:70b")))),
                    Optional.of(new ModelName("llama3.2:3b"))),
                new Policy(
                    Map.of(
                        "maestro",
                        new WorkerRule(
                            Optional.of(true),
                            OptionalInt.of(40),
                            OptionalInt.of(2),
                            Optional.of(true),
                            Optional.empty(),
                            Set.of(),
                            Set.of()),
                        "openai",
                        new WorkerRule(
                            Optional.empty(),
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            Optional.empty(),
                            Optional.of(true),
                            Set.of(TaskType.WRITE),
                            Set.of(new ModelName("gpt-4o")))),
                    java.util.List.of(
                        new PoolRule(
                            "general",
                            Set.of(TaskType.WRITE, TaskType.QA),
                            java.util.List.of("virtuoso", "maestro/ollama"),
                            java.util.List.of("openai"),
                            Optional.of(new ModelName("llama3.1:8b")),
                            true)),
                    Optional.of(Duration.ofSeconds(20))),
                new AccessRules(
                    new Tiers(Map.of("bob", Tier.TRUSTED, "virtuoso", Tier.GUEST)),
                    OptionalLong.of(1_250),
                    Map.of(),
                    Witness.Tells.HASHES)));
  }

  @Test
  void an_empty_file_says_nothing() {
    assertThat(SettingsFile.parse("f", "# only a comment\n\n"))
        .isEqualTo(SettingsFile.Content.EMPTY);
    assertThat(SettingsFile.Content.EMPTY.over(Settings.DEFAULTS)).isEqualTo(Settings.DEFAULTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "port: many            | f:1: port: many (expected: a whole number)",
        "prot: 1               | f:1: prot: no such setting",
        "lan: perhaps          | f:1: lan: perhaps (expected: true or false)",
        "strategy: best        | f:1: strategy: best (expected: predictive, priority, echo",
        "queue: 3              | f:1: queue: 3 (expected: ttl and limit below it)",
        "queue: {ttl: soon}    | f:1: queue.ttl: soon (expected: a duration such as 30s, 500ms or 2m)",
        "silence: 3            | f:1: silence: 3 (expected: first and between below it)",
        "silence: {firts: 1s}  | f:1: silence.firts: no such setting",
        "tls: yes              | f:1: tls: yes (expected: own, or certificate and key, below it)",
        "tls: {own: true, certificate: x.pem} | (expected: own, or certificate and key, and not both)",
        "audit: {requests: all} | f:1: audit.requests: all (expected: nothing, hashes or texts)",
        "origins: [a.b]        | f:1: origins: a.b (expected: such as https://chat.example, without a path)",
        "origins: ['*']        | f:1: origins: * (expected: such as https://chat.example, without a path)",
        "backends: x           | f:1: backends: x (expected: a list)",
        "backends: [{name: a}] | f:1: backends: an entry without url (expected: url)",
        "models: 3             | f:1: models: 3 (expected: names of models",
        "models: {a: 3}        | f:1: models: 3 (expected: context, keep-alive and pin",
        "models: {a: {x: 3}}   | f:1: models.x: no such setting (expected: context, keep-alive or pin)",
        "models: {a: {pin: [Bad!]}} | f:1: models.pin: ",
        "models: {'*': {pin: bob}} | f:1: models.pin: below \"*\" (expected: below a model's name)",
        "hedge: perhaps        | f:1: hedge: perhaps (expected: true or false)",
        "models: {a: {context: 0}} | f:1: models: context: 0 (expected: 1 to",
        "models: {a: {keep-alive: soon}} | f:1: models.keep-alive: soon (expected: a duration",
        "auto: 3               | f:1: auto: 3 (expected: types, difficulties and router below it)",
        "auto: {code: x}       | f:1: auto.code: x (expected: a list of models)",
        "auto: {hardest: [x]}  | f:1: auto.hardest: no such setting (expected: router, simple",
        "auto: {load: [x]}     | f:1: auto.load: no such setting",
        "auto: {router: auto}  | f:1: auto.router: auto (expected: the name of a real model)",
        "workers: 3            | f:1: workers: 3 (expected: names of backends or nodes",
        "workers: {a: 3}       | f:1: workers: 3 (expected: enabled, priority and others",
        "workers: {a: {x: 3}}  | f:1: workers.x: no such setting (expected: enabled, priority",
        "workers: {'a b': {}}  | f:1: workers: a b (expected: the name of a backend or a node)",
        "workers: {a: {priority: 5000}} | f:1: workers.priority: 5000 (expected: 0 to 1000)",
        "workers: {a: {max-concurrent: 0}} | f:1: workers.max-concurrent: 0 (expected: >= 1)",
        "workers: {a: {types: [dance]}} | f:1: workers.types: dance (expected: chat, code",
        "rules: 3              | f:1: rules: 3 (expected: a list)",
        "rules: [3]            | f:1: rules: 3 (expected: types, preferred and fallback)",
        "rules: [{name: a}]    | f:1: rules: a rule without types (expected: types)",
        "rules: [{types: [qa], model: auto}] | f:1: rules.model: auto (expected: the name of a real",
        "rules: [{types: [qa], substitute: yes}] | f:1: rules.substitute: yes (expected: allow or deny)",
        "cloud: 3              | f:1: cloud: 3 (expected: after or budget-eur below it)",
        "cloud: {after: soon}  | f:1: cloud.after: soon (expected: a duration",
        "- 1                   | f: (expected: settings such as `port: 8765`)",
        "port: [1              | f:1: ",
      })
  void a_mistake_is_named_with_its_line(String text, String message) {
    assertThatThrownBy(() -> SettingsFile.parse("f", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void all_mistakes_are_told_at_once_each_with_its_line() {
    assertThatThrownBy(() -> SettingsFile.parse("f", "port: x\nlan: y\nqueue:\n  ttl: z\n"))
        .hasMessage(
            """
            f:1: port: x (expected: a whole number)
            f:2: lan: y (expected: true or false)
            f:4: queue.ttl: z (expected: a duration such as 30s, 500ms or 2m)\
            """);
  }

  @Test
  void a_port_out_of_range_is_refused() {
    var content = SettingsFile.parse("f", "port: 70000");
    assertThatThrownBy(() -> content.over(Settings.DEFAULTS))
        .hasMessage("port: 70000 (expected: 0 to 65535)");
  }
}
