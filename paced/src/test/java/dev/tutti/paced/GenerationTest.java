package dev.tutti.paced;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.Time;
import dev.tutti.testkit.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class GenerationTest {
  private static final PacedModel MODEL = PacedModel.chat("sim/words");
  private static final PacedModel OTHER = PacedModel.chat("sim/other");

  private final SimulatedTime time = new SimulatedTime();
  private final long start = time.nanos();

  @Test
  void every_token_is_on_one_absolute_schedule_to_the_nanosecond() {
    var heard = new Heard();
    machine(Pace.of(100, 30).withLoad(Duration.ofMillis(250)), 60)
        .start(ask(MODEL, 50), Fault.NONE, heard);
    time.advance(Duration.ofMinutes(1));
    long answerStart = Duration.ofMillis(250 + 500).toNanos();
    assertThat(heard.begunNanos).isEqualTo(answerStart);
    assertThat(heard.tokenNanos).hasSize(60);
    for (int i = 0; i < 60; i++) {
      assertThat(heard.tokenNanos.get(i)).isEqualTo(answerStart + Math.round((i + 1) * 1e9 / 30));
    }
    Spent spent = heard.spent.getFirst();
    assertThat(spent.loadNanos()).isEqualTo(250_000_000);
    assertThat(spent.prefillNanos()).isEqualTo(500_000_000);
    assertThat(spent.decodeNanos()).isEqualTo(2_000_000_000);
    assertThat(spent.answerTokensPerSecond()).isEqualTo(30);
    assertThat(spent.finish()).isEqualTo(Script.Finish.STOP);
  }

  @Seeds(50)
  void late_timers_never_add_up(RandomGenerator random) {
    double rate = random.nextDouble(1, 3_000);
    int tokens = random.nextInt(1, 500);
    var heard = new Heard();
    var profile = profile(Pace.of(1e9, rate), tokens);
    new Machine(profile, new LateTime(time, random)).start(ask(MODEL, 1), Fault.NONE, heard);
    time.advance(Duration.ofHours(1));
    assertThat(heard.tokenNanos).hasSize(tokens).isSorted();
    for (int i = 0; i < tokens; i++) {
      long due = 1 + Math.round((i + 1) * 1e9 / rate);
      assertThat(heard.tokenNanos.get(i)).isBetween(due, due + LateTime.MAX_LATE_NANOS);
    }
  }

  @Test
  void a_pause_is_not_caught_up_and_costs_no_more_than_itself() {
    var heard = new Heard();
    Generation generation = machine(Pace.of(1e9, 10), 5).start(ask(MODEL, 0), Fault.NONE, heard);
    time.advance(Duration.ofMillis(250));
    generation.pause();
    time.advance(Duration.ofSeconds(10));
    assertThat(heard.tokenNanos).hasSize(2);
    generation.resume();
    time.advance(Duration.ofSeconds(1));
    assertThat(heard.tokenNanos)
        .containsExactly(millis(100), millis(200), millis(10_250), millis(10_350), millis(10_450));
  }

  @Test
  void slots_run_at_once_and_the_rest_wait_in_order_until_the_queue_is_full() {
    Machine machine = machine(Pace.of(1e9, 10).withSlots(2).withMaxQueued(2), 10);
    List<Heard> heard = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      heard.add(new Heard());
      machine.start(ask(MODEL, 0), Fault.NONE, heard.get(i));
    }
    assertThat(machine.stats().active()).isEqualTo(2);
    assertThat(machine.stats().queued()).isEqualTo(2);
    assertThatThrownBy(() -> machine.start(ask(MODEL, 0), Fault.NONE, new Heard()))
        .isInstanceOfSatisfying(
            MeshException.class,
            refused -> assertThat(refused.failure().code()).isEqualTo(FailureCode.ENGINE_BUSY));
    time.advance(Duration.ofSeconds(2));
    assertThat(heard)
        .extracting(each -> each.finishedNanos)
        .containsExactly(millis(1000), millis(1000), millis(2000), millis(2000));
    assertThat(machine.stats()).isEqualTo(new PacedStats(0, 0, 4, 0, 0, 0, 40, 1));
  }

  @Test
  void a_cancelled_generation_makes_no_more_tokens_and_frees_its_slot_at_once() {
    Machine machine = machine(Pace.of(1e9, 10), 10);
    var first = new Heard();
    var second = new Heard();
    Generation leaving = machine.start(ask(MODEL, 0), Fault.NONE, first);
    Generation queued = machine.start(ask(MODEL, 0), Fault.NONE, new Heard());
    machine.start(ask(MODEL, 0), Fault.NONE, second);
    time.advance(Duration.ofMillis(350));
    queued.cancel(Generation.End.ABORTED);
    assertThat(machine.stats().queued()).isEqualTo(1);
    leaving.cancel(Generation.End.ABORTED);
    leaving.cancel(Generation.End.ABORTED);
    time.advance(Duration.ofSeconds(5));
    assertThat(first.tokenNanos).hasSize(3);
    assertThat(first.spent).isEmpty();
    assertThat(second.finishedNanos).isEqualTo(millis(1350));
    assertThat(machine.stats()).isEqualTo(new PacedStats(0, 0, 1, 2, 0, 0, 13, 1));
    assertThat(time.pendingTimers()).isZero();
  }

  @Test
  void two_requests_for_a_cold_model_share_one_load_and_another_model_pays_its_own() {
    Machine machine =
        machine(
            Pace.of(1e9, 10).withLoad(Duration.ofSeconds(3)).withSlots(3).withMaxResident(1), 1);
    var first = new Heard();
    var second = new Heard();
    var third = new Heard();
    machine.start(ask(MODEL, 0), Fault.NONE, first);
    time.advance(Duration.ofSeconds(1));
    machine.start(ask(MODEL, 0), Fault.NONE, second);
    time.advance(Duration.ofSeconds(9));
    assertThat(first.begunNanos).isEqualTo(millis(3000));
    assertThat(second.begunNanos).isEqualTo(millis(3000));
    assertThat(second.spent.getFirst().loadNanos()).isEqualTo(millis(2000));
    machine.start(ask(OTHER, 0), Fault.NONE, third);
    time.advance(Duration.ofSeconds(9));
    assertThat(third.begunNanos).isEqualTo(millis(13_000));
    assertThat(machine.residents().isReady(MODEL.name())).isFalse();
  }

  @Test
  void the_clients_limit_ends_an_endless_answer_and_nothing_else_does() {
    var limited = new Heard();
    Ask ask = ask(MODEL, 0);
    var limit = new Ask(MODEL, 0, 7, ask.seed(), 0, ask.keepAlive(), ask.want());
    machine(Pace.of(1e9, 10), PaceProfile.ENDLESS).start(limit, Fault.NONE, limited);
    time.advance(Duration.ofMinutes(1));
    assertThat(limited.tokenNanos).hasSize(7);
    assertThat(limited.spent.getFirst().finish()).isEqualTo(Script.Finish.LENGTH);

    var endless = new Heard();
    machine(Pace.of(1e9, 10), 3).start(ask, Fault.parse("endless"), endless);
    time.advance(Duration.ofHours(1));
    assertThat(endless.tokenNanos).hasSize(36_000);
    assertThat(endless.spent).isEmpty();
  }

  private Machine machine(Pace pace, int answerTokens) {
    return new Machine(profile(pace, answerTokens), time);
  }

  private static PaceProfile profile(Pace pace, int answerTokens) {
    return PaceProfile.of("test", EngineKind.OLLAMA, List.of(MODEL, OTHER))
        .withPace(pace)
        .withAnswerTokens(answerTokens);
  }

  private static Ask ask(PacedModel model, long promptTokens) {
    return new Ask(
        model,
        promptTokens,
        PaceProfile.ENDLESS,
        1,
        0,
        Residents.DEFAULT_KEEP_ALIVE,
        new Ask.Want.Prose(Ask.Thinking.NONE));
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  private final class Heard implements Generation.Sink {
    private final List<Long> tokenNanos = new ArrayList<>();
    private final List<Spent> spent = new ArrayList<>();
    private long begunNanos = -1;
    private long finishedNanos = -1;

    @Override
    public void begun() {
      begunNanos = time.nanos() - start;
    }

    @Override
    public void piece(int index, Piece piece) {
      assertThat(index).isEqualTo(tokenNanos.size());
      tokenNanos.add(time.nanos() - start);
    }

    @Override
    public void finished(Spent how) {
      spent.add(how);
      finishedNanos = time.nanos() - start;
    }
  }

  /// Timers that fire late, as those of an event loop do.
  private record LateTime(SimulatedTime time, RandomGenerator random) implements Time {
    private static final long MAX_LATE_NANOS = 2_000_000;

    @Override
    public Instant now() {
      return time.now();
    }

    @Override
    public long nanos() {
      return time.nanos();
    }

    @Override
    public Timer after(Duration delay, Runnable action) {
      long late = random.nextLong(MAX_LATE_NANOS);
      return time.after(delay.isNegative() ? Duration.ZERO : delay.plusNanos(late), action);
    }
  }
}
