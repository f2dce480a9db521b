package dev.tutti.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class SimulationTest {
  private static final ModelName MODEL = new ModelName("llama3.1:8b");

  static List<String> strategies() {
    return Contender.all().stream().map(Contender::name).toList();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void the_same_seed_gives_the_same_document_to_the_last_byte(String strategy) {
    assertThat(document(strategy, 7)).isEqualTo(document(strategy, 7));
  }

  private static String document(String strategy, long seed) {
    FleetSpec fleet = FleetFile.shipped("symphony-phase-3");
    var mix = ModelMix.parse("llama3.1:8b:3,llama3.2:3b:2,llama3.1:70b:0.1");
    Workload workload = Workload.of(trace(300, 5), mix, seed).atLoad(0.8, fleet);
    var result = Simulation.run(fleet, workload, Contender.of(strategy), seed);
    return Results.document(List.of(result)).toString();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void every_request_is_answered_and_every_token_counted(String strategy) {
    FleetSpec fleet = FleetFile.shipped("symphony-phase-2");
    Workload workload = Workload.of(trace(200, 3), ModelMix.only(MODEL), 1).atLoad(0.7, fleet);
    double tokens = workload.requests().stream().mapToDouble(Request::outputTokens).sum();

    Result result = Simulation.run(fleet, workload, Contender.of(strategy), 1);

    assertThat(result.requests()).isEqualTo(200);
    assertThat(result.failed()).isZero();
    assertThat(result.tokensPerSecond() * result.makespanSeconds()).isCloseTo(tokens, within(1e-3));
    assertThat(result.ttftMillis().p50()).isPositive().isLessThan(result.completionMillis().p50());
    assertThat(result.waitMillis().p50()).isNotNegative();
    assertThat(result.loads()).isBetween(1, 4);
    assertThat(result.fairness()).isEqualTo(1);
    assertThat(result.cacheHit()).isBetween(0.01, 1.0);
  }

  @Test
  void who_binds_on_arrival_waits_behind_a_slow_machine() {
    FleetSpec fleet = FleetFile.shipped("symphony-phase-2");
    Workload workload = Workload.of(trace(400, 3), ModelMix.only(MODEL), 1).atLoad(0.7, fleet);

    Result late = Simulation.run(fleet, workload, Contender.of("least-busy"), 1);
    Result bound = Simulation.run(fleet, workload, Contender.of("bind-least-busy"), 1);
    Result inTurn = Simulation.run(fleet, workload, Contender.of("bind-round-robin"), 1);

    assertThat(late.completionMillis().p95()).isLessThan(bound.completionMillis().p95());
    assertThat(bound.completionMillis().p95()).isLessThan(inTurn.completionMillis().p95());
  }

  @Test
  void load_stretches_time_until_the_work_is_that_share_of_what_the_fleet_can_do() {
    FleetSpec one = FleetFile.parse("one", fleetText("- {name: a, preset: m4-mini, slots: 1}"));
    FleetSpec two =
        FleetFile.parse(
            "two",
            fleetText(
                "- {name: a, preset: m4-mini, slots: 1}\n"
                    + "- {name: b, preset: m4-mini, slots: 1}"));
    Workload workload = Workload.of(trace(50, 3), ModelMix.only(MODEL), 1);
    double work = 0;
    for (Request request : workload.requests()) {
      work += request.prompt().tokens() / 220.0 + request.outputTokens() / 30.0;
    }

    assertThat(span(workload.atLoad(1, one))).isCloseTo(work, within(1e-6));
    assertThat(span(workload.atLoad(0.5, one))).isCloseTo(2 * work, within(1e-6));
    assertThat(span(workload.atLoad(0.5, two))).isCloseTo(work, within(1e-6));
  }

  @Test
  void a_model_that_few_machines_hold_sets_the_pace() {
    FleetSpec fleet = FleetFile.shipped("symphony-phase-3");
    var rare = Workload.of(trace(50, 3), ModelMix.only(new ModelName("llama3.1:70b")), 1);
    var mixed = Workload.of(trace(50, 3), ModelMix.parse("llama3.1:70b:1,llama3.2:3b:1"), 1);

    assertThat(span(mixed.atLoad(1, fleet)))
        .isBetween(span(rare.atLoad(1, fleet)) / 4, span(rare.atLoad(1, fleet)));
    assertThatThrownBy(
            () -> Workload.of(trace(5, 1), ModelMix.only(new ModelName("gpt")), 1).atLoad(1, fleet))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("model: gpt (expected: one of [llama3.1:70b");
  }

  @Test
  void requests_that_all_came_at_once_come_evenly() {
    var entries = new ArrayList<Trace.Entry>();
    for (int i = 0; i < 3; i++) {
      entries.add(new Trace.Entry(0, Prompt.of(100), 10, ""));
    }
    FleetSpec fleet = FleetFile.shipped("uniform-8");
    Workload workload = Workload.of(new Trace(entries), ModelMix.only(MODEL), 1).atLoad(0.7, fleet);
    long last = workload.requests().getLast().arrivalNanos();

    assertThat(workload.requests())
        .extracting(Request::arrivalNanos)
        .containsExactly(0L, Math.round(last / 2.0), last);
  }

  @Test
  void one_more_machine_shortens_the_wait_of_the_same_arrivals() {
    FleetSpec fleet = FleetFile.shipped("symphony-phase-1");
    Workload workload = Workload.of(trace(300, 3), ModelMix.only(MODEL), 1).atLoad(0.7, fleet);
    NodeSpec mini = FleetFile.shippedNode("m4-mini", fleet);
    var contender = Contender.of("least-busy");

    var comparison =
        new Comparison(
            mini,
            List.of(Simulation.run(fleet, workload, contender, 1)),
            List.of(Simulation.run(fleet.with(mini), workload, contender, 1)));

    Result without = comparison.without().getFirst();
    Result with = comparison.with().getFirst();
    assertThat(with.waitMillis().p95()).isLessThan(without.waitMillis().p95() / 2);
    assertThat(with.completionMillis().mean()).isLessThan(without.completionMillis().mean());
    JsonNode document = comparison.document();
    assertThat(document.path("added").path("node").asString()).isEqualTo("m4-mini");
    assertThat(document.path("added").path("changes").get(0).path("with").path("watts").isNumber())
        .isTrue();
    assertThat(comparison.chart().svg()).startsWith("<svg").contains("least-busy + m4-mini");
  }

  @Test
  void fairness_is_jains_index_over_the_clients_slowdown() {
    var entries = new ArrayList<Trace.Entry>();
    for (int i = 0; i < 40; i++) {
      // One client asks for short answers behind the other's long ones.
      String client = i % 2 == 0 ? "long" : "short";
      entries.add(new Trace.Entry(0, Prompt.of(100), i % 2 == 0 ? 500 : 5, client));
    }
    FleetSpec fleet = FleetFile.shipped("uniform-8");
    Workload workload = Workload.of(new Trace(entries), ModelMix.only(MODEL), 1);

    Result result = Simulation.run(fleet, workload, Contender.of("least-busy"), 1);

    assertThat(result.fairness()).isBetween(0.5, 0.9);
  }

  @Test
  void the_document_has_exactly_these_fields() {
    var figures = new Figures(1, 2.00049, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    var result = new Result("echo", 3, 1, figures, figures, figures, 1.5, 2.25, 1.0 / 3, 4, 1, 90);

    assertThat(Results.document(List.of(result)))
        .hasToString(
            "{\"strategies\":[{\"strategy\":\"echo\",\"requests\":3,\"failed\":1,"
                + "\"ttft_ms\":{\"p50\":1.0,\"p95\":2.0,\"p99\":null,\"mean\":null},"
                + "\"completion_ms\":{\"p50\":1.0,\"p95\":2.0,\"p99\":null,\"mean\":null},"
                + "\"makespan_s\":1.5,\"tokens_per_s\":2.25,\"cache_hit\":0.333333,"
                + "\"loads\":4,\"fairness\":1.0}]}");
  }

  @Test
  void percentiles_are_by_nearest_rank() {
    var values = new double[200];
    for (int i = 0; i < values.length; i++) {
      values[i] = 200 - i;
    }

    assertThat(Figures.of(values)).isEqualTo(new Figures(100, 190, 198, 100.5));
    assertThat(Figures.of(new double[] {5})).isEqualTo(new Figures(5, 5, 5, 5));
  }

  private static double span(Workload workload) {
    return workload.requests().getLast().arrivalNanos() / 1e9;
  }

  private static String fleetText(String nodes) {
    return "models: {\"llama3.1:8b\": {size_gb: 4.9}}\nnodes:\n" + nodes;
  }

  /// Requests at random times whose prompts begin alike now and then.
  private static Trace trace(int length, long seed) {
    var random = new SplittableRandom(seed);
    var entries = new ArrayList<Trace.Entry>();
    long nanos = 0;
    for (int i = 0; i < length; i++) {
      int tokens = 20 + (int) (-400 * Math.log(1 - random.nextDouble()));
      int shared = Math.min(tokens, 100);
      var prompt =
          Prompt.of(tokens, new long[] {random.nextInt(5), 1_000 + i}, new int[] {shared, tokens});
      int output = 1 + (int) (-200 * Math.log(1 - random.nextDouble()));
      entries.add(new Trace.Entry(nanos, prompt, output, ""));
      nanos += (long) (-1e9 * Math.log(1 - random.nextDouble()));
    }
    return new Trace(entries);
  }
}
