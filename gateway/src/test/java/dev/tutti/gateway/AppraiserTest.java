package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.dialects.Message;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AutoRules;
import dev.tutti.dispatch.Difficulty;
import dev.tutti.dispatch.TaskType;
import dev.tutti.fleet.Health;
import dev.tutti.testkit.Eventually;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AppraiserTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  /// Nothing in it says what is wanted, and it is too long to be small talk.
  private static final String UNSURE = "We went to the lake and saw the boats. ".repeat(20);

  private final Rig rig =
      new Rig(
          Fleets.fleet(
              Fleets.backend("ann/ollama", Health.UP, Fleets.model("router", "r")),
              Fleets.backend("eve/ollama", Health.UP, Fleets.able("m", "insert"))));
  private final FakeEngine router = rig.engine("ann/ollama");
  private final FakeEngine engine = rig.engine("eve/ollama");

  AppraiserTest() {
    rig.onOwner(() -> {
      // So that nothing but the question comes to the router's engine.
      rig.dispatcher.setAutoRules(
          new AutoRules(
              Map.of(),
              Map.of(
                  Difficulty.SIMPLE, List.of(new ModelName("m")),
                  Difficulty.USUAL, List.of(new ModelName("m")),
                  Difficulty.HARD, List.of(new ModelName("m")))));
      return true;
    });
    rig.router = Optional.of(new ModelName("router"));
    engine.script(play -> {
      play.say("well");
      play.finish();
    });
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private static String body(String model, String text) {
    return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(model, text);
  }

  private HttpResponse<String> ask(String model, String text, String... headers) {
    HttpResponse<String> answer = rig.post("/v1/chat/completions", body(model, text), headers);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  private static String why(HttpResponse<String> answer) {
    return answer.headers().firstValue("x-tutti-why").orElseThrow();
  }

  @Test
  void the_router_is_asked_when_the_rules_are_unsure() {
    router.script(play -> {
      play.say(" Sum");
      play.say("marize.\n");
      play.finish();
    });
    HttpResponse<String> answer = ask("auto", UNSURE.repeat(10));
    assertThat(why(answer)).endsWith("; type summarize by router model; usual by default");
    var question = router.plays.getFirst().task;
    assertThat(question.type()).isEqualTo(TaskType.ROUTE);
    assertThat(question.priority()).isEqualTo(9);
    assertThat(question.ttl()).isEqualTo(Appraiser.WITHIN);
    assertThat(question.outputLimit()).isEqualTo(Appraiser.MAX_TOKENS);
    Work.Chat asked = (Work.Chat) question.work();
    assertThat(asked.messages().getLast().role()).isEqualTo(Message.Role.USER);
    assertThat(asked.messages().getLast().text()).hasSize(Appraiser.MAX_SHOWN_CHARS);
    assertThat(engine.plays.getFirst().task.type()).isEqualTo(TaskType.SUMMARIZE);
  }

  @Test
  void who_is_sure_asks_nobody() {
    assertThat(why(ask("auto", "hi"))).endsWith("; type chat by default; simple by length");
    assertThat(why(ask("auto", "Write a function that adds two numbers")))
        .endsWith("; type code by words of programming; usual by default");
    assertThat(why(ask("auto", UNSURE, "x-tutti-type", "reason")))
        .contains("; type reason by the client; ");
    assertThat(why(ask("m", UNSURE))).doesNotContain("type chat");
    rig.router = Optional.empty();
    assertThat(why(ask("auto", UNSURE))).contains("; type chat by default; ");
    rig.router = Optional.of(new ModelName("not-there"));
    assertThat(why(ask("auto", UNSURE))).contains("; type chat by default; ");
    assertThat(router.plays).isEmpty();
  }

  @Test
  void a_word_that_is_no_type_changes_nothing() {
    router.script(play -> {
      play.say("banana");
      play.finish();
    });
    assertThat(why(ask("auto", UNSURE))).contains("; type chat by default; ");
  }

  @Test
  void a_router_that_fails_changes_nothing() {
    router.script(
        play -> play.fail(Failure.of(FailureCode.INVALID_REQUEST, Retry.POINTLESS, "no")));
    assertThat(why(ask("auto", UNSURE))).contains("; type chat by default; ");
  }

  @Test
  void a_router_that_is_silent_is_waited_for_no_longer_than_the_limit() {
    assertThat(why(ask("auto", UNSURE))).contains("; type chat by default; ");
    Eventually.until("cancelled", SOON, () -> router.plays.getFirst().cancelled);
  }

  @Test
  void a_client_that_leaves_takes_the_question_with_it() {
    try (var client = new RawClient(rig.port())) {
      client.post("/v1/chat/completions", body("auto", UNSURE));
      Eventually.until("asked", SOON, () -> !router.plays.isEmpty());
    }
    Eventually.until("cancelled", SOON, () -> router.plays.getFirst().cancelled);
    assertThat(engine.plays).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "code,              CODE",
    "' Code.',          CODE",
    "**reason**,        REASON",
    "It is chat,        CHAT",
    "embed,             ",
    "'',                ",
    "codeine,           ",
  })
  void one_word_is_read(String answer, TaskType type) {
    assertThat(Appraiser.typeIn(answer)).isEqualTo(Optional.ofNullable(type));
  }
}
