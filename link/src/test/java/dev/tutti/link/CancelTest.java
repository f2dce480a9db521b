package dev.tutti.link;

import static dev.tutti.link.TestMesh.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CancelTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final long ENDLESS = Long.MAX_VALUE / 2;

  private final TestMesh mesh = TestMesh.start();

  @AfterEach
  void close() {
    mesh.close();
  }

  private void awaitAborted(TestMesh.TestAgent agent) {
    Eventually.until(
        "the engine's work to be aborted", AT_ONCE, () -> agent.engine.cancelled.get() == 1);
    assertThat(agent.engine.running).hasValue(0);
  }

  @Test
  void cancelling_a_running_answer_aborts_the_engine() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Bulk(ENDLESS, 1_000));
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("bytes", SOON, () -> answer.bytes.get() > 100_000);
    mesh.cancel(answer);
    long heard = answer.bytes.get();
    awaitAborted(agent);
    assertThat(answer.over()).isFalse();
    assertThat(answer.bytes).hasValue(heard);
  }

  @Test
  void cancelling_before_the_engine_says_anything_aborts_it() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Silent());
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the engine's start", SOON, () -> agent.engine.running.get() == 1);
    mesh.cancel(answer);
    awaitAborted(agent);
  }

  @Test
  void cancelling_a_stalled_answer_aborts_the_engine() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Bulk(ENDLESS, 60_000));
    Answer answer = mesh.chat(Answer.stalled());
    awaitStall(agent);
    mesh.cancel(answer);
    awaitAborted(agent);
  }

  /// Waits until the engine has been kept from writing for a while.
  private static void awaitStall(TestMesh.TestAgent agent) {
    var last = new long[] {-1, 0};
    Eventually.until(
        "the engine to be stopped",
        SOON,
        () -> {
          long written = agent.engine.bytesWritten.get();
          last[1] = written == last[0] && written > 0 ? last[1] + 1 : 0;
          last[0] = written;
          return last[1] > 100;
        });
  }

  @Test
  void a_stalled_reader_stops_the_engine_within_bounds() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Bulk(ENDLESS, 10_000));
    mesh.chat(Answer.stalled());
    awaitStall(agent);
    assertThat(agent.engine.bytesWritten.get()).isLessThan(1_000_000);
  }

  @Test
  void a_stalled_reader_that_goes_on_gets_everything() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Bulk(20_000_000, 10_000));
    Answer answer = mesh.chat(Answer.stalled());
    awaitStall(agent);
    while (!answer.over()) {
      TestMesh.on(
          mesh.owner,
          () -> {
            answer.exchange.resume();
            return null;
          });
    }
    assertThat(answer.ended).isTrue();
    assertThat(answer.bytes).hasValue(20_000_000);
    assertThat(answer.afterTheEnd).hasValue(0);
  }

  @Test
  void a_stalled_answer_slows_no_other_on_the_same_agent() {
    var agent = mesh.agent(33);
    agent.engine.plays(new ScriptedEngine.Bulk(ENDLESS, 60_000));
    for (int i = 0; i < 32; i++) {
      mesh.chat(Answer.stalled());
    }
    awaitStall(agent);
    agent.engine.plays(new ScriptedEngine.Bulk(10_000_000, 20_000));
    Answer other = mesh.chat(Answer.reading());
    Eventually.until("10 MB on the other stream", Duration.ofSeconds(5), other::over);
    assertThat(other.ended).isTrue();
    assertThat(other.bytes).hasValue(10_000_000);
  }

  @Test
  void after_a_cancel_the_slot_comes_back_once_the_engine_is_idle() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Hang());
    agent.idle = false;
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);
    mesh.cancel(answer);
    awaitAborted(agent);
    assertThat(mesh.heard.slots).hasValue(1);
    agent.idle = true;
    Eventually.until("the slot", AT_ONCE, () -> mesh.heard.slots.get() == 2);
  }

  @Test
  void an_engine_that_never_says_idle_gets_its_slot_back_after_a_while() {
    var agent = mesh.agent(1);
    agent.engine.plays(new ScriptedEngine.Hang());
    agent.idle = false;
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);
    mesh.cancel(answer);
    Eventually.until("the slot", Duration.ofSeconds(4), () -> mesh.heard.slots.get() == 2);
  }

  private void awaitFreeSlot() {
    Eventually.until(
        "a slot",
        SOON,
        () -> TestMesh.on(mesh.owner, () -> mesh.hub.freeSlots(TestMesh.NODE, "engine")) > 0);
  }

  @Test
  void hundreds_of_cancels_in_a_row_do_not_cost_the_others_their_connection() {
    var agent = mesh.agent(4);
    agent.engine.plays(new ScriptedEngine.Hang());
    Answer bystander = mesh.chat(Answer.reading());
    for (int i = 0; i < 450; i++) {
      awaitFreeSlot();
      Answer answer = mesh.chat(Answer.reading());
      if (i % 2 == 0) {
        Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);
      }
      mesh.cancel(answer);
    }
    Eventually.until("all slots but one", SOON, () -> mesh.heard.slots.get() == 454);
    assertThat(bystander.over()).isFalse();
    assertThat(agent.engine.running).hasValue(1);
    assertThat(mesh.heard.lines).containsExactly("connected virtuoso 1");
  }

  @Test
  void hundreds_of_exchanges_in_a_row_do_not_cost_the_others_their_connection() {
    var agent = mesh.agent(3);
    agent.engine.plays(new ScriptedEngine.Hang());
    Answer bystander = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> bystander.bytes.get() > 0);
    agent.engine.plays(new ScriptedEngine.Echo());
    for (int i = 0; i < 450; i++) {
      awaitFreeSlot();
      Answer answer = mesh.chat(Answer.reading());
      Eventually.until("the answer", SOON, answer::over);
      assertThat(answer.ended).isTrue();
    }
    assertThat(bystander.over()).isFalse();
  }
}
