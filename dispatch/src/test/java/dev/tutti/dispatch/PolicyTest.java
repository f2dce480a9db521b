package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The owner's hard rules, decided by the real dispatcher.
final class PolicyTest {
  /// A public name, and so outside the owner's network.
  private static final String CLOUD = "api.example.com";

  private final Ensemble mesh = new Ensemble(DispatchLimits.DEFAULT, RoutingStrategy.predictive());
  private final Map<String, WorkerRule> workers = new LinkedHashMap<>();
  private final List<PoolRule> rules = new ArrayList<>();
  private Optional<Duration> cloudAfter = Optional.empty();

  private void strategy(RoutingStrategy strategy) {
    mesh.dispatcher.setStrategy(strategy);
  }

  private void apply() {
    mesh.dispatcher.setPolicy(new Policy(workers, rules, cloudAfter));
  }

  private void worker(String name, WorkerRule rule) {
    workers.put(name, rule);
    apply();
  }

  private void rule(TaskType type, List<String> preferred, List<String> fallback, boolean allow) {
    rules.add(
        new PoolRule("r" + rules.size(), Set.of(type), preferred, fallback, model("m"), allow));
    apply();
  }

  private static Optional<ModelName> model(String name) {
    return Optional.of(new ModelName(name));
  }

  /// `off`, `batch`, `cloud`, `home`, `p90`, `max2`, `for:code`, `only:model`
  private static WorkerRule says(String text) {
    WorkerRule rule = WorkerRule.NONE;
    for (String word : text.split(" ", -1)) {
      rule = one(word).over(rule);
    }
    return rule;
  }

  private static WorkerRule one(String word) {
    Optional<Boolean> none = Optional.empty();
    OptionalInt number = OptionalInt.empty();
    String after = word.substring(word.indexOf(':') + 1);
    return switch (word.replaceAll("[0-9]+|:.*", "")) {
      case "off" ->
          new WorkerRule(Optional.of(false), number, number, none, none, Set.of(), Set.of());
      case "batch" ->
          new WorkerRule(none, number, number, Optional.of(true), none, Set.of(), Set.of());
      case "cloud", "home" ->
          new WorkerRule(
              none, number, number, none, Optional.of(word.equals("cloud")), Set.of(), Set.of());
      case "p" ->
          new WorkerRule(
              none,
              OptionalInt.of(Integer.parseInt(word.substring(1))),
              number,
              none,
              none,
              Set.of(),
              Set.of());
      case "max" ->
          new WorkerRule(
              none,
              number,
              OptionalInt.of(Integer.parseInt(word.substring(3))),
              none,
              none,
              Set.of(),
              Set.of());
      case "for" ->
          new WorkerRule(
              none, number, number, none, none, Set.of(TaskType.of(after).orElseThrow()), Set.of());
      case "only" ->
          new WorkerRule(none, number, number, none, none, Set.of(), Set.of(new ModelName(after)));
      default -> throw new IllegalArgumentException(word);
    };
  }

  private String why(Client client) {
    return client.assignments.getLast().why();
  }

  // ---- who may

  /// Engines `a` and `b` have the model; `a` is under the rule.
  @ParameterizedTest(name = "{0}, task of type {1} and priority {2}: {3}")
  @CsvSource({
    "off,        chat,     9, b/ollama",
    "batch,      chat,     5, b/ollama",
    "batch,      chat,     3, b/ollama",
    "batch p900, chat,     2, a/ollama",
    "for:code,   code,     5, a/ollama",
    "for:code,   chat,     5, a/ollama",
    "only:x,     chat,     5, b/ollama",
    "cloud p900, chat,     5, b/ollama",
    "p90,        chat,     5, a/ollama",
    "p10,        chat,     5, b/ollama",
  })
  void hard_rules_come_before_every_strategy(
      String says, String type, int priority, String expected) {
    for (RoutingStrategy strategy : RoutingStrategy.all()) {
      boolean ranks = says.startsWith("p") || says.contains(" p");
      if (ranks && !List.of("predictive", "priority").contains(strategy.name())) {
        continue;
      }
      var world = new PolicyTest();
      world.strategy(strategy);
      world.mesh.engine("a", 1, "m");
      world.mesh.engine("b", 1, "m");
      world.worker("a", says(says));
      Client client =
          world.mesh.ask("m").type(TaskType.of(type).orElseThrow()).priority(priority).submit();
      assertThat(client.where()).as(strategy.name()).isEqualTo(expected);
    }
  }

  @Test
  void a_type_that_somebody_is_for_is_for_nobody_else() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    worker("a", says("for:code"));
    assertThat(mesh.ask("m").type(TaskType.CODE).submit().where()).isEqualTo("a/ollama");
    assertThat(mesh.ask("m").type(TaskType.CODE).submit().position).isEqualTo(1);
    assertThat(mesh.ask("m").type(TaskType.CHAT).submit().where()).isEqualTo("b/ollama");
  }

  @Test
  void what_is_said_of_an_engine_comes_before_what_is_said_of_its_machine() {
    mesh.engine("a", 1, "m");
    worker("a", says("off"));
    worker(
        "a/ollama",
        new WorkerRule(
            Optional.of(true),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Set.of(),
            Set.of()));
    assertThat(mesh.submit("m").where()).isEqualTo("a/ollama");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"predictive", "priority", "echo", "least-busy", "round-robin"})
  void no_more_run_at_a_time_than_the_owner_allows(String name) {
    strategy(
        RoutingStrategy.all().stream()
            .filter(s -> s.name().equals(name))
            .findFirst()
            .orElseThrow());
    mesh.engine("a", 4, "m");
    worker("a", says("max2"));
    assertThat(mesh.submit("m").where()).isEqualTo("a/ollama");
    assertThat(mesh.submit("m").where()).isEqualTo("a/ollama");
    Client third = mesh.submit("m");
    assertThat(third.position).isEqualTo(1);
    mesh.at("a").running().getFirst().finish();
    assertThat(third.where()).isEqualTo("a/ollama");
    assertThat(mesh.at("a").running()).hasSize(2);
  }

  @Test
  void where_nobody_may_the_refusal_says_why() {
    mesh.engine("a", 1, "m");
    worker("a", says("off"));
    Client named = mesh.submit("m");
    assertThat(named.whyNot().code()).isEqualTo(FailureCode.FORBIDDEN);
    assertThat(named.whyNot().retry()).isEqualTo(Retry.POINTLESS);
    assertThat(named.whyNot().message())
        .isEqualTo("nobody who has \"m\" may take this: a/ollama: switched off in the settings");
    assertThat(mesh.submit("auto").whyNot().message()).contains("switched off in the settings");
  }

  @Test
  void a_change_of_the_rules_holds_for_those_who_wait() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    worker("b", says("off"));
    mesh.submit("m");
    Client waits = mesh.submit("m");
    assertThat(waits.position).isEqualTo(1);
    worker("b", says("p50"));
    assertThat(waits.where()).isEqualTo("b/ollama");
  }

  // ---- the cloud

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"predictive", "priority", "echo", "least-busy", "round-robin"})
  void the_cloud_is_last_and_busy_is_not_down(String name) {
    strategy(
        RoutingStrategy.all().stream()
            .filter(s -> s.name().equals(name))
            .findFirst()
            .orElseThrow());
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 4, "m");
    assertThat(mesh.submit("m").where()).isEqualTo("a/ollama");
    Client waits = mesh.submit("m");
    assertThat(waits.position).isEqualTo(1);
    mesh.down("a");
    assertThat(waits.where()).isEqualTo(CLOUD + "/ollama");
    assertThat(why(waits)).contains("; cloud");
  }

  @Test
  void one_that_is_doubted_at_home_comes_before_the_cloud() {
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 1, "m");
    mesh.suspect("a");
    assertThat(mesh.submit("m").where()).isEqualTo("a/ollama");
  }

  @Test
  void what_only_the_cloud_has_is_done_there() {
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 1, "gpt");
    assertThat(mesh.submit("gpt").where()).isEqualTo(CLOUD + "/ollama");
  }

  @Test
  void a_task_at_which_everybody_at_home_failed_may_go_to_the_cloud() {
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 1, "m");
    Client client = mesh.submit("m");
    mesh.at("a").only().fail(FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED);
    assertThat(client.where()).isEqualTo(CLOUD + "/ollama");
  }

  @Test
  void what_stays_at_home_never_reaches_the_cloud() {
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 4, "m", "gpt");
    cloudAfter = Optional.of(Duration.ofMillis(1));
    apply();
    mesh.submit("m");
    Client waits = mesh.ask("m").local().submit();
    mesh.seconds(5);
    assertThat(mesh.at(CLOUD).all).isEmpty();
    mesh.down("a");
    assertThat(waits.assignments).isEmpty();
    assertThat(mesh.ask("gpt").local().submit().whyNot().message())
        .contains("in the cloud, and the request stays at home (x-tutti-privacy: local)");
    assertThat(mesh.ask("m").substitute().local().submit().assignments).isEmpty();
    mesh.up("a", "m");
    assertThat(mesh.at(CLOUD).all).isEmpty();
  }

  @Test
  void the_owner_says_what_is_cloud_and_what_is_not() {
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 1, "m");
    worker(CLOUD, says("home p90"));
    worker("a", says("cloud"));
    assertThat(mesh.ask("m").local().submit().where()).isEqualTo(CLOUD + "/ollama");
    assertThat(mesh.ask("m").local().submit().position).isEqualTo(1);
  }

  @Test
  void who_would_wait_too_long_at_home_may_have_the_cloud() {
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 1, "m");
    cloudAfter = Optional.of(Duration.ofSeconds(10));
    apply();
    mesh.submit("m");
    var clients = new ArrayList<Client>();
    for (int i = 0; i < 6; i++) {
      clients.add(mesh.ask("m").ttl(Duration.ofMinutes(5)).submit());
    }
    Client patient = mesh.ask("m").ttl(Duration.ofMinutes(5)).priority(0).submit();
    mesh.seconds(30);
    assertThat(mesh.at(CLOUD).all).hasSize(1);
    Client there =
        clients.stream().filter(one -> !one.assignments.isEmpty()).findFirst().orElseThrow();
    assertThat(why(there))
        .contains("cloud, since the wait at home was expected to be ")
        .contains("(cloud.after 10.0 s)");
    for (int i = 0; i < 20; i++) {
      mesh.at(CLOUD).running().forEach(run -> run.finish());
      mesh.seconds(1);
    }
    assertThat(clients).allSatisfy(one -> assertThat(one.assignments).isNotEmpty());
    assertThat(patient.assignments).as("nobody waits for it").isEmpty();
  }

  // ---- rules

  @Test
  void a_rules_fallback_comes_when_its_preferred_ones_are_gone() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    mesh.engine("c", 1, "m");
    rule(TaskType.CODE, List.of("b"), List.of("c"), false);
    Client first = mesh.ask("m").type(TaskType.CODE).submit();
    assertThat(first.where()).isEqualTo("b/ollama");
    assertThat(why(first)).contains("preferred by rule r0");
    Client second = mesh.ask("m").type(TaskType.CODE).submit();
    assertThat(second.position).isEqualTo(1);
    mesh.down("b");
    assertThat(second.where()).isEqualTo("c/ollama");
    assertThat(why(second)).contains("fallback of rule r0");
  }

  @Test
  void under_priority_the_fallback_comes_when_the_preferred_ones_are_busy() {
    strategy(RoutingStrategy.priority());
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    mesh.engine("c", 1, "m");
    mesh.engine(CLOUD, 1, "m");
    worker("b", says("p90"));
    worker("a", says("p100"));
    rule(TaskType.CODE, List.of("c", "b"), List.of(CLOUD, "a"), false);
    var where = new ArrayList<String>();
    for (int i = 0; i < 4; i++) {
      where.add(mesh.ask("m").type(TaskType.CODE).submit().where());
    }
    assertThat(where).containsExactly("b/ollama", "c/ollama", "a/ollama", CLOUD + "/ollama");
    assertThat(mesh.ask("m").type(TaskType.CODE).submit().position).isEqualTo(1);
    assertThat(mesh.ask("m").type(TaskType.CODE).local().submit().position).isPositive();
  }

  @Test
  void a_rule_without_a_cloud_has_none() {
    strategy(RoutingStrategy.priority());
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 1, "m");
    rule(TaskType.EMBED, List.of("a"), List.of(), false);
    mesh.up("a", "m=embedding");
    mesh.up(CLOUD, "m=embedding");
    assertThat(mesh.ask("m").type(TaskType.EMBED).submit().where()).isEqualTo("a/ollama");
    Client waits = mesh.ask("m").type(TaskType.EMBED).submit();
    mesh.down("a");
    assertThat(waits.assignments).isEmpty();
    assertThat(mesh.at(CLOUD).all).isEmpty();
  }

  @ParameterizedTest(name = "with consent: {0}")
  @ValueSource(booleans = {true, false})
  void a_rule_may_consent_to_another_model(boolean consent) {
    mesh.engine("a", 1, "m");
    mesh.engine(CLOUD, 1, "gpt");
    rule(TaskType.CODE, List.of("a"), List.of(CLOUD), consent);
    mesh.down("a");
    Client client = mesh.ask("m").type(TaskType.CODE).submit();
    if (consent) {
      assertThat(client.where()).isEqualTo(CLOUD + "/ollama");
      assertThat(why(client)).contains("substitute");
    } else {
      assertThat(client.position).isEqualTo(1);
    }
  }

  @Test
  void the_name_of_a_model_counts_for_more_than_a_rule_whose_workers_have_it_not() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "small");
    rule(TaskType.CODE, List.of("a"), List.of(), true);
    assertThat(mesh.ask("small").type(TaskType.CODE).submit().where()).isEqualTo("b/ollama");
    assertThat(mesh.ask("auto").type(TaskType.CODE).submit().where()).isEqualTo("a/ollama");
  }

  @Test
  void a_rules_model_answers_where_the_choice_is_ours() {
    mesh.engine("a", 1, "big:70b", "m", "other:8b");
    mesh.engine("b", 1, "other:8b");
    rule(TaskType.WRITE, List.of("a"), List.of("b"), false);
    Client client = mesh.ask("auto").type(TaskType.WRITE).submit();
    assertThat(client.assignments.getLast().model()).isEqualTo(new ModelName("m"));
    mesh.down("a");
    Client next = mesh.ask("auto").type(TaskType.WRITE).submit();
    assertThat(next.assignments.getLast().model()).isEqualTo(new ModelName("other:8b"));
  }

  @Test
  void a_rule_none_of_whose_workers_is_there_refuses_what_is_left_to_us() {
    mesh.engine("a", 1, "m");
    rule(TaskType.BROWSER, List.of("stagehand"), List.of(), false);
    assertThat(mesh.ask("auto").type(TaskType.BROWSER).submit().whyNot().message())
        .contains("not among the workers of rule r0");
  }

  // ---- told

  @Test
  void an_explanation_tells_the_pools_and_who_is_passed_over() {
    mesh.engine("a", 1, "m");
    mesh.engine("b", 1, "m");
    mesh.engine("c", 1, "m");
    mesh.engine(CLOUD, 1, "m");
    worker("c", says("off"));
    rule(TaskType.CODE, List.of("a"), List.of("b", CLOUD, "c"), false);
    Explanation told = mesh.dispatcher.explain(mesh.ask("m").type(TaskType.CODE).task());
    assertThat(told.places())
        .extracting(each -> each.backend() + " " + each.rank() + " " + each.pool())
        .containsExactly(
            "a/ollama 1 preferred",
            "b/ollama 0 fallback",
            CLOUD + "/ollama 0 cloud",
            "c/ollama 0 ");
    assertThat(told.places())
        .extracting(Explanation.Place::why)
        .satisfiesExactly(
            why -> assertThat(why).contains("preferred by rule r0"),
            why -> assertThat(why).isEqualTo("fallback: only when no preferred one takes work"),
            why -> assertThat(why).isEqualTo("cloud: only when no machine of yours takes work"),
            why -> assertThat(why).isEqualTo("switched off in the settings"));
  }
}
