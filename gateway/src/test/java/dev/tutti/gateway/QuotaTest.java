package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.access.Globs;
import dev.tutti.access.Key;
import dev.tutti.access.Quota;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Tier;
import dev.tutti.access.Tiers;
import dev.tutti.core.BackendId;
import dev.tutti.dispatch.Policy;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// What a key's bounds do to its holder's requests.
class QuotaTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String CHAT =
      "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d")),
              Fleets.backend("bob/ollama", Health.UP, Fleets.model("n", "e")),
              Fleets.outside("sky/openai", Fleets.model("cloudy", "f"))));

  @AfterEach
  void close() {
    rig.close();
  }

  private static Rights rights(Globs models, Tier tier, Quota quota, int priority) {
    return new Rights(Set.of(Scope.INFER), models, tier, quota, priority, false, 1);
  }

  private static Key with(Quota quota) {
    return TestKeys.key("ann", rights(Globs.ALL, Tier.GUEST, quota, 9));
  }

  private CompletableFuture<HttpResponse<String>> asking(String path, String... headers) {
    var request =
        rig.request(path)
            .header("authorization", TestKeys.bearer("ann"))
            .POST(HttpRequest.BodyPublishers.ofString(CHAT));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return rig.http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> answered(String path, int plays, String... headers) {
    var coming = asking(path, headers);
    Eventually.until(
        "attempt " + plays, SOON, () -> rig.engine("eve/ollama").plays.size() == plays);
    FakeEngine.Play play = rig.engine("eve/ollama").plays.get(plays - 1);
    play.sayNow("hello");
    play.finishNow();
    return Rig.await(coming);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, /error/code, rate_limit_exceeded, x-ratelimit-remaining-requests",
    "/v1/messages, /error/type, rate_limit_error, anthropic-ratelimit-requests-remaining",
    "/api/chat, /error, this key has no more than 1 requests a minute, x-ratelimit-limit-requests",
  })
  void who_asks_too_often_is_told_when_to_come_back(
      String path, String where, String what, String header) {
    rig.needKeys(with(new Quota(1, 0, 0, -1)));
    HttpResponse<String> first = answered(path, 1);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.headers().firstValue(header)).isPresent();
    HttpResponse<String> second = Rig.await(asking(path));
    assertThat(second.statusCode()).isEqualTo(429);
    assertThat(JsonMapper.shared().readTree(second.body()).at(where).asString("")).isEqualTo(what);
    long wait = Long.parseLong(second.headers().firstValue("retry-after").orElseThrow());
    assertThat(wait).isBetween(50L, 60L);
    assertThat(second.headers().firstValue(header)).isPresent();
    assertThat(second.headers().firstValue("x-should-retry")).isEmpty();
    assertThat(rig.plays()).isEqualTo(1);
  }

  @Test
  void tasks_at_a_time_are_counted_until_their_real_end_and_one_that_leaves_gives_room() {
    rig.needKeys(with(new Quota(0, 0, 1, -1)));
    var first = asking("/v1/chat/completions");
    Eventually.until("the attempt", SOON, () -> rig.plays() == 1);
    assertThat(Rig.await(asking("/v1/chat/completions")).statusCode()).isEqualTo(429);
    first.cancel(true);
    Eventually.until("its end", SOON, () -> rig.onOwner(() -> rig.dispatcher.active()) == 0);
    assertThat(answered("/v1/chat/completions", 2).statusCode()).isEqualTo(200);
  }

  @Test
  void an_unknown_model_leaves_nothing_counted() {
    rig.needKeys(with(new Quota(0, 0, 1, -1)));
    String unknown = CHAT.replace("\"m\"", "\"nobody-has-this\"");
    for (int i = 0; i < 3; i++) {
      assertThat(
              rig.post("/v1/chat/completions", unknown, "authorization", TestKeys.bearer("ann"))
                  .statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  void a_key_has_its_models_only_and_sees_no_others() {
    rig.needKeys(TestKeys.key("ann", rights(new Globs(List.of("n*")), Tier.GUEST, Quota.NONE, 9)));
    String[] ann = {"authorization", TestKeys.bearer("ann")};
    HttpResponse<String> refused = Rig.await(asking("/v1/chat/completions"));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("not a model for this key");
    assertThat(rig.get("/v1/models", ann).body()).contains("\"n\"").doesNotContain("\"m\"");
    assertThat(rig.get("/api/tags", ann).body()).contains("n:latest").doesNotContain("m:latest");
    assertThat(rig.get("/v1/models/m", ann).statusCode()).isEqualTo(404);
    assertThat(rig.get("/v1/models/n", ann).statusCode()).isEqualTo(200);
    var auto =
        rig.http.sendAsync(
            rig.request("/v1/chat/completions")
                .headers(ann)
                .POST(HttpRequest.BodyPublishers.ofString(CHAT.replace("\"m\"", "\"auto\"")))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    Eventually.until("its own", SOON, () -> rig.engine("bob/ollama").plays.size() == 1);
    rig.engine("bob/ollama").plays.getFirst().finishNow();
    assertThat(Rig.await(auto).headers().firstValue("x-tutti-model")).contains("n");
  }

  @Test
  void a_key_has_the_machines_that_are_trusted_enough() {
    rig.needKeys(TestKeys.key("ann", rights(Globs.ALL, Tier.TRUSTED, Quota.NONE, 9)));
    HttpResponse<String> refused = Rig.await(asking("/v1/chat/completions"));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("at least trusted");
    rig.onOwner(() -> {
      rig.admission.rules(new Tiers(Map.of("eve", Tier.TRUSTED)), OptionalLong.empty());
      return true;
    });
    assertThat(answered("/v1/chat/completions", 1).statusCode()).isEqualTo(200);
  }

  @Test
  void what_a_request_claims_for_itself_ends_at_its_key() {
    rig.needKeys(TestKeys.key("ann", rights(Globs.ALL, Tier.GUEST, Quota.NONE, 3)));
    answered("/v1/chat/completions", 1, "x-tutti-priority", "9");
    answered("/v1/chat/completions", 2);
    assertThat(rig.engine("eve/ollama").plays)
        .extracting(play -> play.task.priority())
        .containsExactly(3, 3);
  }

  @Test
  void who_has_spent_all_is_served_at_home_only_and_everybody_sees_the_sum() {
    rig.centsForTokens = true;
    rig.needKeys(with(new Quota(0, 0, 0, 0)), TestKeys.owner("root"));
    assertThat(answered("/v1/chat/completions", 1).statusCode()).isEqualTo(200);
    assertThat(rig.engine("eve/ollama").plays.getFirst().task.local()).isTrue();
    String own = rig.get("/mesh/v1/budget", "authorization", TestKeys.bearer("ann")).body();
    assertThat(own).contains("\"budget_eur\":0.0").doesNotContain("by_principal");
    String all = rig.get("/mesh/v1/budget", "authorization", TestKeys.bearer("root")).body();
    assertThat(all).contains("\"by_principal\"").contains("\"month\":\"");
  }

  private CompletableFuture<HttpResponse<String>> askingTheCloud(String path) {
    var request =
        rig.request(path)
            .header("authorization", TestKeys.bearer("ann"))
            .POST(HttpRequest.BodyPublishers.ofString(CHAT.replace("\"m\"", "\"cloudy\"")));
    return rig.http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions, insufficient_quota",
    "/v1/messages, rate_limit_error",
    "/api/chat, this month's budget for the cloud is spent",
  })
  void what_only_the_cloud_has_ends_with_the_budget(String path, String told) {
    rig.centsForTokens = true;
    rig.priced.add(new BackendId("sky/openai"));
    rig.needKeys(with(new Quota(0, 0, 0, 1)));
    var coming = askingTheCloud(path);
    Eventually.until("asked", SOON, () -> rig.engine("sky/openai").plays.size() == 1);
    rig.engine("sky/openai").plays.getFirst().sayNow("hello");
    rig.engine("sky/openai").plays.getFirst().finishNow();
    assertThat(Rig.await(coming).statusCode()).isEqualTo(200);
    HttpResponse<String> refused = Rig.await(askingTheCloud(path));
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).contains(told);
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    assertThat(rig.engine("sky/openai").plays).hasSize(1);
  }

  @Test
  void what_costs_nobody_knows_what_is_not_for_who_has_a_budget() {
    rig.needKeys(with(new Quota(0, 0, 0, 500)), TestKeys.owner("root"));
    HttpResponse<String> refused = Rig.await(askingTheCloud("/v1/chat/completions"));
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("its price is not known");
    assertThat(rig.engine("sky/openai").plays).isEmpty();
  }

  @Test
  void a_budget_of_the_house_asks_for_prices_too() {
    rig.needKeys(TestKeys.owner("ann"));
    rig.onOwner(() -> {
      rig.admission.rules(Tiers.NONE, OptionalLong.of(2_000));
      return true;
    });
    assertThat(Rig.await(askingTheCloud("/v1/chat/completions")).body())
        .contains("its price is not known");
    rig.priced.add(new BackendId("sky/openai"));
    rig.onOwner(() -> {
      rig.dispatcher.setPolicy(Policy.NONE);
      return true;
    });
    var coming = askingTheCloud("/v1/chat/completions");
    Eventually.until("asked", SOON, () -> rig.engine("sky/openai").plays.size() == 1);
    rig.engine("sky/openai").plays.getFirst().finishNow();
    assertThat(Rig.await(coming).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"20, 20ms", "1000, 1s", "1500, 1.500s", "60000, 1m0s", "361000, 6m1s"})
  void spans_are_written_as_openai_does(long millis, String text) {
    assertThat(RateHeaders.span(Duration.ofMillis(millis))).isEqualTo(text);
  }
}
