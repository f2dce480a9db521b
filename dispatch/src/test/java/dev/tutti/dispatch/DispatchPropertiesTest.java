package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.fleet.LivenessLimits;
import dev.tutti.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.random.RandomGenerator;

/// Whatever happens in whatever order: each task ends exactly once and no slot is lost or invented.
final class DispatchPropertiesTest {
  private static final int STEPS = 400;
  private static final int MAX_QUEUED = 8;

  /// Each band has room for so many; those that come back after a failed attempt always find some.
  private static final int MOST_WAITING = 4 * MAX_QUEUED;

  private static final List<String> NODES = List.of("a", "b", "c");
  private static final List<String> MODELS = List.of("m", "n", "auto", "nosuch", "m");
  private static final List<FailureCode> CODES =
      List.of(
          FailureCode.ENGINE_UNREACHABLE,
          FailureCode.ENGINE_BUSY,
          FailureCode.ENGINE_ERROR,
          FailureCode.ENGINE_STALLED,
          FailureCode.BROKEN_STREAM);

  private final DispatchLimits limits =
      new DispatchLimits(MAX_QUEUED, 3, Duration.ofSeconds(20), Duration.ofSeconds(10), 5);
  private final List<Watched> tasks = new ArrayList<>();

  @Seeds(200)
  void every_task_ends_once_and_every_slot_is_accounted_for(RandomGenerator random) {
    var strategies = RoutingStrategy.all();
    var mesh = new Ensemble(limits, strategies.get(random.nextInt(strategies.size())));
    for (String node : NODES) {
      mesh.engine(node, 1 + random.nextInt(2), "m", node.equals("a") ? "n" : "m2");
    }
    for (int step = 0; step < STEPS; step++) {
      step(mesh, random);
      check(mesh);
    }
    calmDown(mesh);
    check(mesh);
    assertThat(mesh.dispatcher.active()).isZero();
    assertThat(mesh.dispatcher.waiting()).isZero();
    assertThat(mesh.dispatcher.tasks()).isEmpty();
    mesh.time.advance(LivenessLimits.OFFLINE_AFTER);
    assertThat(mesh.time.pendingTimers()).isZero();
    for (Watched task : tasks) {
      assertThat(task.ends + (task.cancelled ? 1 : 0))
          .as(task.ask.task().id().value())
          .isEqualTo(1);
    }
    assertThat(mesh.records).hasSameSizeAs(tasks);
    assertThat(new HashSet<>(mesh.records.stream().map(TaskRecord::id).toList()))
        .hasSameSizeAs(tasks);
    for (String node : NODES) {
      FakeEngine engine = mesh.at(node);
      assertThat(mesh.dispatcher.free(Ensemble.id(node))).isEqualTo(engine.opened);
    }
  }

  private void check(Ensemble mesh) {
    assertThat(mesh.dispatcher.waiting()).isBetween(0, MOST_WAITING);
    int running = 0;
    for (String node : NODES) {
      assertThat(mesh.dispatcher.free(Ensemble.id(node))).isNotNegative();
      running += mesh.dispatcher.active(Ensemble.id(node));
      assertThat(mesh.dispatcher.active(Ensemble.id(node)))
          .isEqualTo(mesh.dispatcher.active(new NodeId(node)))
          .isEqualTo(mesh.at(node).running().size());
    }
    assertThat(running).isEqualTo(mesh.dispatcher.active());
    assertThat(mesh.dispatcher.tasks())
        .hasSize(running + mesh.dispatcher.waiting() + mesh.dispatcher.held());
    assertThat(mesh.dispatcher.finished()).hasSizeLessThanOrEqualTo(5);
    for (Watched task : tasks) {
      assertThat(task.fault).isEmpty();
      boolean waitsByChoice = mesh.dispatcher.strategy().waits();
      if (!waitsByChoice && task.ends == 0 && !task.cancelled && task.attempts == 0) {
        assertThat(mesh.dispatcher.explain(task.ask.task()).places())
            .as("a task waits although it could start")
            .noneMatch(place -> place.rank() == 1);
      }
    }
  }

  private void step(Ensemble mesh, RandomGenerator random) {
    FakeEngine engine = mesh.at(NODES.get(random.nextInt(NODES.size())));
    var running = engine.running();
    String node = NODES.get(random.nextInt(NODES.size()));
    switch (random.nextInt(14)) {
      case 0, 1, 2 -> submit(mesh, random);
      case 3 -> cancel(random);
      case 4, 5, 6 -> {
        if (!running.isEmpty()) {
          play(running.get(random.nextInt(running.size())), random);
        }
      }
      case 7 -> engine.open(1);
      case 8 -> {
        if (engine.opened > 0) {
          engine.close();
        }
      }
      case 9 -> {
        mesh.down(node);
        if (random.nextBoolean()) {
          mesh.up(node, "m");
        }
      }
      case 10 -> mesh.up(node, "m", "n");
      case 11 -> {
        if (random.nextInt(4) == 0) {
          mesh.dispatcher.detach(Ensemble.id(node));
          mesh.attach(node, 1 + random.nextInt(2));
        }
      }
      case 12 -> engine.returnOwed();
      default -> mesh.seconds(random.nextInt(8));
    }
    if (random.nextInt(20) == 0) {
      engine.returnsSlots = !engine.returnsSlots;
      engine.slotFirst = random.nextBoolean();
    }
  }

  private void submit(Ensemble mesh, RandomGenerator random) {
    var ask =
        mesh.ask(MODELS.get(random.nextInt(MODELS.size())))
            .priority(random.nextInt(10))
            .ttl(Duration.ofSeconds(random.nextInt(20)));
    if (random.nextInt(4) == 0) {
      ask.substitute();
    }
    if (random.nextInt(6) == 0) {
      ask.pin(NODES.get(random.nextInt(NODES.size())));
    }
    var task = new Watched(ask, random.nextBoolean());
    tasks.add(task);
    ask.submit(task);
  }

  private void cancel(RandomGenerator random) {
    if (!tasks.isEmpty()) {
      Watched task = tasks.get(random.nextInt(tasks.size()));
      if (task.ends == 0) {
        task.cancelled = true;
      }
      task.ask.handle().cancel();
    }
  }

  private static void play(FakeEngine.Exchange exchange, RandomGenerator random) {
    switch (random.nextInt(4)) {
      case 0 -> exchange.finish();
      case 1 -> {
        boolean pointless = random.nextInt(6) == 0;
        exchange.fail(
            CODES.get(random.nextInt(CODES.size())),
            pointless ? Retry.POINTLESS : Retry.UNSAFE_MAY_HAVE_ACTED);
      }
      default -> exchange.say("x");
    }
  }

  /// Lets everything that is under way come to its end.
  private static void calmDown(Ensemble mesh) {
    for (int round = 0; round < 60; round++) {
      for (String node : NODES) {
        FakeEngine engine = mesh.at(node);
        engine.running().forEach(FakeEngine.Exchange::finish);
      }
      mesh.seconds(2);
    }
  }

  /// A client that checks what it is told.
  private static final class Watched implements TaskListener<String> {
    final Ensemble.Ask ask;
    private final boolean writes;
    String fault = "";
    int ends;
    boolean cancelled;
    private boolean written;
    private int attempts;
    private int timesQueued;

    Watched(Ensemble.Ask ask, boolean writes) {
      this.ask = ask;
      this.writes = writes;
    }

    private void expect(boolean condition, String otherwise) {
      if (!condition || ends > 0 || cancelled) {
        fault = fault + ask.task().id() + ": " + otherwise + "; ";
      }
    }

    @Override
    public void queued(int position) {
      expect(++timesQueued == 1 && position >= 1, "queued twice or nowhere");
    }

    @Override
    public void assigned(Assignment assignment) {
      attempts++;
      expect(!written, "tried again after something was written");
      expect(attempts <= 3 && assignment.attempt() == attempts, "attempts miscounted");
      expect(!ask.task().model().value().equals("nosuch") || ask.task().substitute(), "answered");
    }

    @Override
    public boolean event(String event) {
      written |= writes;
      expect(true, "a piece after the end");
      return writes;
    }

    @Override
    public void done(AnswerUsage usage) {
      expect(true, "done after the end");
      ends++;
    }

    @Override
    public void failed(Failure failure) {
      expect(true, "failed after the end");
      ends++;
    }
  }
}
