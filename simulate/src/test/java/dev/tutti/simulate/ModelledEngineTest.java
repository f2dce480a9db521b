package dev.tutti.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.core.Bytes;
import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Prompt;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskType;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.NodeRole;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Everything here can be worked out by hand: each model has 1 GB and the disk brings 1 GB a
/// second, prompts are read at 100 tokens a second and answers written at 10.
final class ModelledEngineTest {
  private static final double MICRO = 1e-6;
  private static final ModelName SMALL = new ModelName("small");
  private static final ModelName OTHER = new ModelName("other");
  private static final ModelName THIRD = new ModelName("third");

  private final SimulatedTime time = new SimulatedTime();
  private final SplittableRandom random = new SplittableRandom(1);
  private final long start = time.nanos();
  private int open;
  private int changes;

  @Test
  void alone_it_loads_then_reads_then_writes() {
    ModelledEngine engine = engine(1, new Sharing(false, 0.5, 512), 8);

    Heard heard = submit(engine, SMALL, Prompt.of(200), 21);
    runAll();

    assertThat(heard.firstSeconds).isCloseTo(1 + 2, within(MICRO));
    assertThat(heard.endSeconds).isCloseTo(1 + 2 + 2, within(MICRO));
    assertThat(heard.pieces).containsExactly(1, 16, 4);
    assertThat(heard.usage).hasSize(1);
    AnswerUsage usage = heard.usage.getFirst();
    assertThat(usage.promptTokens()).isEqualTo(200);
    assertThat(usage.cachedTokens()).isZero();
    assertThat(usage.outputTokens()).isEqualTo(21);
    assertThat(usage.loadNanos()).isEqualTo(1_000_000_000);
    assertThat(usage.promptNanos() / 1e9).isCloseTo(2, within(MICRO));
    assertThat(usage.outputNanos() / 1e9).isCloseTo(2, within(MICRO));
    assertThat(open).isEqualTo(1);
    assertThat(engine.busyNanos() / 1e9).isCloseTo(5, within(MICRO));
  }

  @Test
  void two_answers_of_one_model_share_its_steps() {
    ModelledEngine engine = engine(2, new Sharing(false, 0.5, 512), 8);

    Heard one = submit(engine, SMALL, Prompt.of(100), 21);
    Heard two = submit(engine, SMALL, Prompt.of(100), 41);
    runAll();

    // Both prompts at half speed; 20 tokens each at 10 / 1.5 a second; then 20 more at 10.
    assertThat(one.firstSeconds).isCloseTo(1 + 2, within(MICRO));
    assertThat(two.firstSeconds).isCloseTo(1 + 2, within(MICRO));
    assertThat(one.endSeconds).isCloseTo(3 + 3, within(MICRO));
    assertThat(two.endSeconds).isCloseTo(3 + 3 + 2, within(MICRO));
  }

  @Test
  void whoever_reads_takes_turns_with_whoever_writes() {
    ModelledEngine engine = engine(2, new Sharing(false, 0.5, 100), 8);

    Heard writer = submit(engine, SMALL, Prompt.of(100), 21);
    time.advance(Duration.ofSeconds(3));
    Heard reader = submit(engine, SMALL, Prompt.of(200), 1);
    runAll();

    // A round is a batch of 100 prompt tokens, 1 s, and a step, 0.1 s: the prompt takes two.
    assertThat(reader.firstSeconds).isCloseTo(3 + 2.2, within(MICRO));
    assertThat(reader.endSeconds).isCloseTo(3 + 2.2, within(MICRO));
    // By then the writer has 10 tokens beside its first and 2 more: 8 are left.
    assertThat(writer.endSeconds).isCloseTo(5.2 + 0.8, within(MICRO));
  }

  @Test
  void answers_of_two_models_take_turns() {
    ModelledEngine engine = engine(2, new Sharing(false, 0.5, 512), 8);
    submit(engine, SMALL, Prompt.of(1), 1);
    submit(engine, OTHER, Prompt.of(1), 1);
    runAll();
    double from = seconds();

    Heard one = submit(engine, SMALL, Prompt.of(100), 11);
    Heard two = submit(engine, OTHER, Prompt.of(100), 11);
    runAll();

    assertThat(one.firstSeconds - from).isCloseTo(2, within(MICRO));
    assertThat(one.endSeconds - from).isCloseTo(2 + 2, within(MICRO));
    assertThat(two.endSeconds - from).isCloseTo(2 + 2, within(MICRO));
  }

  @Test
  void independent_streams_do_not_notice_each_other() {
    ModelledEngine engine = engine(2, new Sharing(true, 0, 512), 8);

    Heard one = submit(engine, SMALL, Prompt.of(100), 21);
    Heard two = submit(engine, SMALL, Prompt.of(300), 11);
    runAll();

    assertThat(one.endSeconds).isCloseTo(1 + 1 + 2, within(MICRO));
    assertThat(two.firstSeconds).isCloseTo(1 + 3, within(MICRO));
    assertThat(two.endSeconds).isCloseTo(1 + 3 + 1, within(MICRO));
  }

  @Test
  void beyond_its_slots_work_waits_in_the_order_in_which_it_came() {
    ModelledEngine engine = engine(1, new Sharing(false, 0.5, 512), 8);

    Heard one = submit(engine, SMALL, Prompt.of(100), 11);
    Heard two = submit(engine, SMALL, Prompt.of(100), 11);
    Heard three = submit(engine, SMALL, Prompt.of(100), 11);
    runAll();

    assertThat(one.endSeconds).isCloseTo(3, within(MICRO));
    assertThat(two.endSeconds).isCloseTo(5, within(MICRO));
    assertThat(three.endSeconds).isCloseTo(7, within(MICRO));
    assertThat(two.usage.getFirst().loadNanos()).isZero();
  }

  @Test
  void a_beginning_that_was_read_before_is_not_read_again() {
    ModelledEngine engine = engine(1, new Sharing(false, 0.5, 512), 8);
    Prompt first = Prompt.of(300, new long[] {1, 2, 3}, new int[] {100, 200, 300});
    Prompt longer = Prompt.of(400, new long[] {1, 2, 9}, new int[] {100, 200, 400});
    submit(engine, SMALL, first, 1);
    runAll();
    double from = seconds();

    Heard second = submit(engine, SMALL, longer, 1);
    runAll();
    Heard again = submit(engine, SMALL, longer, 1);
    runAll();

    assertThat(second.usage.getFirst().cachedTokens()).isEqualTo(200);
    assertThat(second.endSeconds - from).isCloseTo(2, within(MICRO));
    // The last token is always read.
    assertThat(again.usage.getFirst().cachedTokens()).isEqualTo(399);
    assertThat(again.endSeconds - second.endSeconds).isCloseTo(0.01, within(MICRO));
  }

  @Test
  void a_model_that_was_idle_for_longest_goes_for_another() {
    ModelledEngine engine = engine(2, new Sharing(false, 0.5, 512), 2);
    submit(engine, SMALL, Prompt.of(1), 1);
    runAll();
    submit(engine, OTHER, Prompt.of(1), 1);
    runAll();
    assertThat(engine.freeMemory()).isEqualTo(new Bytes(0));

    submit(engine, THIRD, Prompt.of(1), 1);
    runAll();

    assertThat(engine.resident(SMALL)).isFalse();
    assertThat(engine.resident(OTHER)).isTrue();
    assertThat(engine.resident(THIRD)).isTrue();
    assertThat(engine.loads()).isEqualTo(3);
    assertThat(changes).isEqualTo(6);
  }

  @Test
  void a_model_that_does_not_fit_beside_those_in_use_waits_and_holds_up_who_comes_later() {
    ModelledEngine engine = engine(3, new Sharing(true, 0, 512), 1);
    Heard busy = submit(engine, SMALL, Prompt.of(100), 31);
    Heard waits = submit(engine, OTHER, Prompt.of(100), 11);
    Heard behind = submit(engine, SMALL, Prompt.of(100), 11);
    runAll();

    assertThat(busy.endSeconds).isCloseTo(1 + 1 + 3, within(MICRO));
    assertThat(waits.endSeconds).isCloseTo(5 + 1 + 1 + 1, within(MICRO));
    assertThat(behind.endSeconds).isCloseTo(8 + 1 + 1 + 1, within(MICRO));
    assertThat(engine.loads()).isEqualTo(3);
  }

  @Test
  void who_is_cancelled_hears_nothing_more_and_makes_room() {
    ModelledEngine engine = engine(1, new Sharing(false, 0.5, 512), 8);
    var gone = new Heard();
    Engine.Attempt attempt = engine.start(task(SMALL, Prompt.of(100), 101), gone);
    Heard next = submit(engine, SMALL, Prompt.of(100), 11);
    time.advance(Duration.ofSeconds(4));

    attempt.cancel();
    attempt.cancel();
    int heard = gone.pieces.size();
    runAll();

    assertThat(open).isEqualTo(2);
    assertThat(gone.pieces).hasSize(heard);
    assertThat(gone.usage).isEmpty();
    assertThat(next.endSeconds).isCloseTo(4 + 1 + 1, within(MICRO));
  }

  // ---- an engine

  private ModelledEngine engine(int slots, Sharing sharing, int gigabytes) {
    var specs = new TreeMap<ModelName, ModelSpec>();
    var rates = new TreeMap<ModelName, Rates>();
    var cache = new TreeMap<ModelName, Long>();
    for (ModelName name : List.of(SMALL, OTHER, THIRD)) {
      specs.put(name, new ModelSpec(name, new Bytes(1_000_000_000), 1_000, ""));
      rates.put(name, new Rates(100, 10));
      cache.put(name, 100_000L);
    }
    var memory = new Bytes(gigabytes * 1_000_000_000L);
    var node =
        new NodeSpec(
            new NodeId("node"),
            NodeRole.LLM_WORKER,
            new Hardware("", 0, "", "", memory, memory, "", Bytes.UNKNOWN),
            slots,
            rates,
            sharing,
            new NodeSpec.Loading(1e9, 0),
            cache,
            new NodeSpec.Power(0, 0),
            0);
    var listener =
        new Engine.SlotListener() {
          @Override
          public void slotOpened() {
            open++;
          }

          @Override
          public void slotClosed() {
            open--;
          }
        };
    return new ModelledEngine(time, node, Map.copyOf(specs), listener, () -> changes++);
  }

  private Heard submit(ModelledEngine engine, ModelName model, Prompt prompt, int output) {
    var heard = new Heard();
    engine.start(task(model, prompt, output), heard);
    return heard;
  }

  private Task<Request> task(ModelName model, Prompt prompt, int output) {
    return new Task<>(
        TaskId.random(random),
        TaskType.CHAT,
        model,
        Set.of(),
        5,
        Duration.ofDays(1),
        Optional.empty(),
        false,
        0,
        "",
        "",
        new Request(0, 0, model, prompt, output, ""));
  }

  private void runAll() {
    while (time.advanceToNext()) {
      // until nothing is left to happen
    }
  }

  private double seconds() {
    return (time.nanos() - start) / 1e9;
  }

  /// What a listener heard, and when.
  private final class Heard implements AttemptListener<Piece> {
    private final List<Integer> pieces = new ArrayList<>();
    private final List<AnswerUsage> usage = new ArrayList<>();
    private double firstSeconds;
    private double endSeconds;

    @Override
    public void event(Piece event) {
      if (pieces.isEmpty()) {
        firstSeconds = seconds();
      }
      pieces.add(event.tokens());
    }

    @Override
    public void done(AnswerUsage told) {
      usage.add(told);
      endSeconds = seconds();
    }

    @Override
    public void failed(Failure failure) {
      throw new AssertionError(failure.message());
    }
  }
}
