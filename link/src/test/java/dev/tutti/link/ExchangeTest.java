package dev.tutti.link;

import static dev.tutti.link.TestMesh.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.testkit.Eventually;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ExchangeTest {
  private final TestMesh mesh = TestMesh.start();

  @AfterEach
  void close() {
    mesh.close();
  }

  private static void awaitEnd(Answer answer) {
    Eventually.until("the answer's end", SOON, answer::over);
  }

  @Test
  void a_request_reaches_the_engine_and_its_answer_comes_back() {
    var agent = mesh.agent(1);
    Answer answer = mesh.send("POST", "/api/chat", Buffer.buffer("hello"), Answer.reading());
    awaitEnd(answer);
    assertThat(answer.failure).isNull();
    assertThat(answer.status).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("hello");
    assertThat(answer.headers).isEqualTo(Map.of("content-type", "text/plain", "retry-after", "7"));
    assertThat(agent.engine.requests.getFirst().path()).isEqualTo("/api/chat");
    assertThat(agent.engine.requests.getFirst().headers())
        .containsEntry("content-type", "application/json");
  }

  @Test
  void a_slot_is_free_again_after_each_exchange() {
    mesh.agent(1);
    for (int i = 0; i < 50; i++) {
      int number = i;
      Eventually.until("slot", SOON, () -> TestMesh.on(mesh.owner, () -> free()) == 1);
      Answer answer = mesh.send("POST", "/api/chat", Buffer.buffer("n" + number), Answer.reading());
      awaitEnd(answer);
      assertThat(answer.text()).isEqualTo("n" + number);
    }
  }

  private int free() {
    return mesh.hub.freeSlots(TestMesh.NODE, "engine");
  }

  @Test
  void bodies_of_a_megabyte_and_more_pass_whole_both_ways() {
    mesh.agent(1);
    var bytes = new byte[1_500_001];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ('a' + i % 26);
    }
    Answer answer = mesh.send("POST", "/api/chat", Buffer.buffer(bytes), Answer.reading());
    awaitEnd(answer);
    assertThat(answer.failure).isNull();
    assertThat(answer.text()).isEqualTo(Buffer.buffer(bytes).toString());
  }

  @Test
  void many_exchanges_run_at_a_time_each_on_its_own_slot() {
    var agent = mesh.agent(8);
    agent.engine.plays(new ScriptedEngine.Bulk(300_000, 7_000));
    var answers = new Answer[8];
    for (int i = 0; i < answers.length; i++) {
      answers[i] = mesh.chat(Answer.reading());
    }
    for (Answer answer : answers) {
      awaitEnd(answer);
      assertThat(answer.ended).isTrue();
      assertThat(answer.bytes).hasValue(300_000);
    }
  }

  @Test
  void without_a_free_slot_it_fails_as_busy_and_safe() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Hang());
    mesh.chat(Answer.reading());
    Answer second = mesh.chat(Answer.reading());
    awaitEnd(second);
    assertThat(second.failure.code()).isEqualTo(FailureCode.ENGINE_BUSY);
    assertThat(second.failure.retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
  }

  @Test
  void a_path_that_is_not_on_the_list_never_reaches_the_engine() {
    var agent = mesh.agent(1);
    Answer answer = mesh.send("POST", "/api/pull", Buffer.buffer("{}"), Answer.reading());
    awaitEnd(answer);
    assertThat(answer.failure.code()).isEqualTo(FailureCode.UNSUPPORTED);
    assertThat(answer.failure.retry()).isEqualTo(Retry.POINTLESS);
    assertThat(agent.engine.requests).isEmpty();
  }

  @Test
  void an_engine_that_refused_the_connection_is_safe_to_leave() {
    failsAs(
        Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "refused"),
        FailureCode.ENGINE_UNREACHABLE,
        Retry.SAFE_NOT_STARTED);
  }

  @Test
  void a_busy_engine_is_safe_to_leave() {
    failsAs(
        Failure.of(FailureCode.ENGINE_BUSY, Retry.SAFE_NOT_STARTED, "loading"),
        FailureCode.ENGINE_BUSY,
        Retry.SAFE_NOT_STARTED);
  }

  @Test
  void an_engine_lost_after_the_request_may_have_acted() {
    failsAs(
        Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.UNSAFE_MAY_HAVE_ACTED, "reset"),
        FailureCode.ENGINE_UNREACHABLE,
        Retry.UNSAFE_MAY_HAVE_ACTED);
  }

  private void failsAs(Failure local, FailureCode code, Retry retry) {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Fail(local));
    Answer answer = mesh.chat(Answer.reading());
    awaitEnd(answer);
    assertThat(answer.failure.code()).isEqualTo(code);
    assertThat(answer.failure.retry()).isEqualTo(retry);
    assertThat(answer.failure.message()).contains("virtuoso/engine").contains(local.message());
    Eventually.until("the slot's return", SOON, () -> mesh.heard.slots.get() == 2);
  }

  @Test
  void an_answer_cut_in_the_middle_is_a_broken_stream_and_no_end() {
    var agent = mesh.agent(1);
    agent.engine.plays(
        new ScriptedEngine.Cut(
            Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "cut")));
    Answer answer = mesh.chat(Answer.reading());
    awaitEnd(answer);
    assertThat(answer.ended).isFalse();
    assertThat(answer.text()).isEqualTo("first");
    assertThat(answer.failure.code()).isEqualTo(FailureCode.BROKEN_STREAM);
  }

  @Test
  void fewer_slots_are_taken_back_and_more_are_opened() {
    var agent = mesh.agent(3);
    agent.offer(1);
    Eventually.until("one slot", SOON, () -> mesh.heard.slots.get() == 1);
    agent.offer(5);
    Eventually.until("five slots", SOON, () -> mesh.heard.slots.get() == 5);
    agent.offer(0);
    Eventually.until("no slot", SOON, () -> mesh.heard.slots.get() == 0);
  }

  @Test
  void slots_of_a_backend_count_only_while_a_report_names_it() {
    var agent = mesh.agent(2);
    agent.report(TestMesh.report("other"));
    Eventually.until("no slot", SOON, () -> mesh.heard.slots.get() == 0);
    agent.report(TestMesh.report("engine"));
    Eventually.until("two slots", SOON, () -> mesh.heard.slots.get() == 2);
    assertThat(mesh.heard.reports.getLast()).isEqualTo(TestMesh.report("engine"));
  }
}
