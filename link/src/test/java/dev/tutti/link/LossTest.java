package dev.tutti.link;

import static dev.tutti.link.TestMesh.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.link.agent.Badge;
import dev.tutti.testkit.Eventually;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LossTest {
  private final TestMesh mesh = TestMesh.start();
  private final Cable cable = Cable.to(mesh.vertx, mesh.hub.port());

  @AfterEach
  void close() {
    mesh.close();
  }

  private final Badge badge = mesh.join(TestMesh.NODE, "machine-1");

  private TestMesh.TestAgent agent(int slots) {
    var agent = mesh.dial(badge, 1, cable.port());
    agent.offer(slots);
    Eventually.until("slots", SOON, () -> mesh.heard.slots.get() == slots);
    return agent;
  }

  @Test
  void a_lost_agent_is_told_at_once_with_all_its_slots() {
    agent(3);
    cable.cut();
    Eventually.until("no slot", Duration.ofSeconds(1), () -> mesh.heard.slots.get() == 0);
    Eventually.until("disconnected", Duration.ofSeconds(1), () -> !mesh.heard.connected);
  }

  @Test
  void a_lost_agent_comes_back_by_itself() {
    var agent = agent(2);
    cable.cut();
    Eventually.until("no slot", SOON, () -> mesh.heard.slots.get() == 0);
    cable.mend();
    Eventually.until("slots again", SOON, () -> mesh.heard.slots.get() == 2);
    assertThat(mesh.heard.connected).isTrue();
    Eventually.until("connected", SOON, () -> agent.lines.getLast().equals("connected"));
    assertThat(mesh.chat(Answer.reading())).isNotNull();
  }

  @Test
  void an_exchange_lost_before_its_answer_may_have_acted() {
    var agent = agent(1);
    agent.engine.plays(new ScriptedEngine.Silent());
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the engine's start", SOON, () -> agent.engine.running.get() == 1);
    cable.cut();
    Eventually.until("failure", SOON, answer::over);
    assertThat(answer.failure.code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
    assertThat(answer.failure.retry()).isEqualTo(Retry.UNSAFE_MAY_HAVE_ACTED);
  }

  @Test
  void an_exchange_lost_in_its_answer_is_a_broken_stream_and_the_engine_stops() {
    var agent = agent(1);
    agent.engine.plays(new ScriptedEngine.Hang());
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);
    cable.cut();
    Eventually.until("failure", SOON, answer::over);
    assertThat(answer.ended).isFalse();
    assertThat(answer.failure.code()).isEqualTo(FailureCode.BROKEN_STREAM);
    Eventually.until(
        "the engine to stop", Duration.ofSeconds(1), () -> agent.engine.cancelled.get() == 1);
  }

  @Test
  void a_pulled_cable_is_noticed_by_the_agent_within_three_seconds_and_by_the_hub_within_nine() {
    var agent = agent(2);
    agent.engine.plays(new ScriptedEngine.Hang());
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);
    cable.pull();
    Eventually.until("the agent's notice", Duration.ofMillis(3_500), () -> agent.lines.size() > 1);
    assertThat(agent.lines.get(1)).isEqualTo("disconnected hub silent");
    Eventually.until("the hub's notice", SOON, () -> !mesh.heard.connected);
    Eventually.until("slots gone", SOON, () -> mesh.heard.slots.get() <= 1);
    Eventually.until("the exchange's end", SOON, answer::over);
    assertThat(answer.failure.code()).isEqualTo(FailureCode.BROKEN_STREAM);
  }

  @Test
  void an_idle_agent_asks_seldom_and_still_notices_a_pulled_cable_within_seven_seconds() {
    var agent = agent(1);
    Eventually.until("connected", SOON, () -> agent.lines.contains("connected"));
    cable.pull();
    Eventually.until("the agent's notice", Duration.ofSeconds(7), () -> agent.lines.size() > 1);
    assertThat(agent.lines.get(1)).isEqualTo("disconnected hub silent");
  }

  @Test
  void a_pulse_lost_alone_leaves_running_exchanges_alone() {
    var agent = agent(2);
    agent.engine.plays(new ScriptedEngine.Hang());
    Answer answer = mesh.chat(Answer.reading());
    Eventually.until("the first piece", SOON, () -> answer.bytes.get() > 0);
    var second = mesh.dial(badge, 1, mesh.hub.port());
    Eventually.until("the newer pulse", SOON, () -> second.lines.contains("connected"));
    Eventually.until("the older one's end", SOON, () -> agent.lines.size() > 1);
    assertThat(answer.over()).isFalse();
    assertThat(agent.engine.running).hasValue(1);
    second.close();
  }

  @Test
  void closing_the_agent_takes_everything_back() {
    var agent = agent(2);
    agent.close();
    Eventually.until("no slot", SOON, () -> mesh.heard.slots.get() == 0);
    Eventually.until("disconnected", SOON, () -> !mesh.heard.connected);
  }
}
