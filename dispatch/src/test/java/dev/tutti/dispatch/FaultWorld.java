package dev.tutti.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.FleetEvent;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.LivenessLimits;
import dev.tutti.fleet.NodeReport;
import dev.tutti.fleet.NodeRole;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A fleet and a dispatcher on simulated time, wired as a hub wires them, over engines that fail,
/// with clients that come in crowds, leave and read slowly. Whatever it does comes from one seed.
///
/// Nothing happens between two events, so quiet hours cost nothing: engines are probed only while
/// something about them is unsettled, since any other probe changes nothing.
final class FaultWorld implements DispatchEvents {
  static final int MAX_QUEUED = 12;

  /// Each band has room for so many; those that come back after a failed attempt always find some.
  static final int MOST_WAITING = 4 * MAX_QUEUED;

  private static final DispatchLimits LIMITS =
      new DispatchLimits(MAX_QUEUED, 3, Duration.ofSeconds(45), Duration.ofSeconds(15), 4);
  private static final Duration PROBE_EVERY = Duration.ofSeconds(1);
  private static final Duration PROBE_WITHIN = Duration.ofSeconds(2);
  private static final Duration HURRY_EVERY =
      LivenessLimits.PROBES_WITHIN.dividedBy(LivenessLimits.REFUSALS);
  private static final Duration CALM = Duration.ofMinutes(10);
  private static final NodeId HUB = new NodeId("hub");
  private static final String MODEL = "m";
  private static final long PRIME = 0x100000001b3L;

  final SimulatedTime time = new SimulatedTime();
  private final RandomGenerator random;
  private final Fleet fleet;
  private final Dispatcher<String, String> dispatcher;
  private final List<Place> places = new ArrayList<>();
  private final List<Visitor> visitors = new ArrayList<>();
  private final Set<TaskId> liveAnywhere = new HashSet<>();
  private final Set<TaskId> ended = new HashSet<>();
  private long hash = 0xcbf29ce484222325L;
  int tasks;
  int faults;

  FaultWorld(RandomGenerator random, boolean withAgents) {
    this.random = random;
    var strategies = RoutingStrategy.all();
    fleet = new Fleet(time, HUB, "127.0.0.1", this::fleetChanged);
    dispatcher =
        new Dispatcher<>(
            time, LIMITS, fleet::view, strategies.get(random.nextInt(strategies.size())), this);
    int count = 2 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      var place = new Place("n" + i, 1 + random.nextInt(3), withAgents && i == 0);
      places.add(place);
      place.begin();
    }
  }

  // ---- what happens

  /// Plays so many hours, then lets everything come to rest and looks at what was left.
  void play(int hours) {
    for (int hour = 0; hour < hours; hour++) {
      double begin = random.nextDouble() * 3_000;
      time.after(seconds(begin), this::crowd);
      for (int i = random.nextInt(4); i > 0; i--) {
        // Most faults meet work.
        double at =
            random.nextInt(3) > 0 ? begin + random.nextDouble() * 30 : random.nextDouble() * 3_500;
        time.after(seconds(at), this::fault);
      }
      time.advance(Duration.ofHours(1));
      check();
    }
    places.forEach(Place::recover);
    time.advance(CALM);
    check();
    checkEnd();
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private void crowd() {
    int size = 4 + random.nextInt(40);
    for (int i = 0; i < size; i++) {
      time.after(seconds(random.nextDouble() * 40), () -> visitors.add(new Visitor()));
    }
  }

  private void fault() {
    faults++;
    Place place = places.get(random.nextInt(places.size()));
    place.fault(
        seconds(random.nextInt(4) == 0 ? 120 * random.nextDouble() : 15 * random.nextDouble()));
  }

  // ---- what must hold

  private void check() {
    assertThat(dispatcher.waiting()).isBetween(0, MOST_WAITING);
    for (Place place : places) {
      assertThat(dispatcher.free(place.id)).isNotNegative();
      assertThat(dispatcher.active(place.id)).isEqualTo(place.engine.running());
    }
  }

  private void checkEnd() {
    assertThat(dispatcher.active()).isZero();
    assertThat(dispatcher.waiting()).isZero();
    assertThat(liveAnywhere).isEmpty();
    assertThat(ended).hasSize(tasks);
    for (Visitor visitor : visitors) {
      assertThat(visitor.ends + (visitor.left ? 1 : 0)).as(visitor.id.value()).isEqualTo(1);
    }
    for (Place place : places) {
      assertThat(dispatcher.free(place.id)).as("%s", place.id).isEqualTo(place.engine.opened);
      assertThat(place.engine.opened).as("%s", place.id).isEqualTo(place.slots);
      assertThat(place.health()).as("%s", place.id).isEqualTo(Health.UP);
    }
  }

  /// All that was told, in one number.
  long hash() {
    return hash;
  }

  private void mix(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 32;
  }

  private void mix(String word, Object about) {
    mix(time.nanos());
    mix(word.hashCode());
    mix(about.toString().hashCode());
  }

  // ---- the hub's wiring

  private void fleetChanged(FleetEvent event) {
    mix(time.nanos());
    if (event instanceof FleetEvent.BackendChanged(BackendView backend, String why)) {
      mix(why, backend.id());
      mix(backend.health().name().hashCode());
      if (backend.health() == Health.SUSPECT) {
        places.stream().filter(p -> p.id.equals(backend.id())).forEach(Place::hurry);
      } else if (backend.health() == Health.DOWN) {
        dispatcher.lost(backend.id());
      }
    }
    dispatcher.fleetChanged();
  }

  @Override
  public void taskQueued(Task<?> task, int position, WaitEstimate expected) {
    assertThat(position).isBetween(1, MOST_WAITING);
    mix("queued", task.id());
  }

  @Override
  public void taskAssigned(Task<?> task, Assignment assignment) {
    mix(assignment.backend().value(), task.id());
  }

  @Override
  public void attemptFailed(TaskId task, BackendId backend, Failure failure) {
    mix(failure.code().name(), task);
    fleet.evidence(backend, failure);
  }

  @Override
  public void taskFinished(Task<?> task, TaskRecord record) {
    mix(record.outcome().name(), task.id());
    assertThat(ended.add(task.id())).as("%s ended twice", task.id()).isTrue();
  }

  @Override
  public void queueChanged(int waiting) {
    assertThat(waiting).isBetween(0, MOST_WAITING);
  }

  @Override
  public void signOfLife(BackendId backend) {
    fleet.signOfLife(backend);
  }

  @Override
  public void mute(BackendId backend, int answers) {
    fleet.mute(backend, answers);
  }

  @Override
  public void served(BackendId backend, ModelName model, double tokensPerSecond, int beside) {
    fleet.served(backend, model, tokensPerSecond, beside);
  }

  // ---- engines

  /// One machine with one engine, reached directly or through its agent.
  private final class Place {
    final BackendId id;
    final int slots;
    final FaultyEngine engine;
    private final NodeId node;
    private final boolean agent;
    private final BackendFacts facts;
    private int faultNumber;
    private int hurried;
    private Time.Timer probe = () -> {};
    private boolean watching;

    Place(String name, int slots, boolean agent) {
      this.id = new BackendId(name + "/ollama");
      this.node = new NodeId(name);
      this.slots = slots;
      this.agent = agent;
      this.facts = Ensemble.facts(List.of(Ensemble.model(MODEL)), false);
      this.engine =
          new FaultyEngine(time, random, dispatcher.slots(id), slots, agent, liveAnywhere);
    }

    void begin() {
      dispatcher.attach(id, engine);
      engine.openAll();
      if (agent) {
        join();
        beat();
      } else {
        fleet.addDirect(id, node, id.value(), "http://" + node, OptionalInt.of(slots));
        fleet.probed(id, facts);
      }
    }

    private void join() {
      fleet.nodeJoined(node, id.value(), NodeRole.LLM_WORKER, Hardware.UNKNOWN);
      fleet.nodeReported(
          node,
          new NodeReport(
              Hardware.UNKNOWN,
              List.of(
                  new NodeReport.Backend(
                      "ollama", "http://127.0.0.1", Set.of(), facts, Health.UP, ""))));
    }

    private void beat() {
      if (engine.state == FaultyEngine.State.WELL) {
        fleet.heartbeat(node);
      }
      time.after(LivenessLimits.HEARTBEAT, this::beat);
    }

    Health health() {
      return Optional.ofNullable(fleet.view().backends().get(id))
          .map(BackendView::health)
          .orElse(Health.UNKNOWN);
    }

    void fault(Duration length) {
      int number = ++faultNumber;
      // It was well when it was asked last.
      settle();
      if (random.nextBoolean()) {
        kill();
      } else {
        engine.stop();
        if (agent) {
          // The link gives up a connection on which its pings are not answered.
          time.after(
              LivenessLimits.SILENCE,
              () -> {
                if (number == faultNumber && engine.state == FaultyEngine.State.STOPPED) {
                  kill();
                }
              });
        }
      }
      watch();
      time.after(
          length,
          () -> {
            if (number == faultNumber) {
              recover();
            }
          });
    }

    private void kill() {
      engine.kill();
      if (agent) {
        fleet.nodeLost(node, "connection lost");
      }
    }

    private void settle() {
      if (!agent && health() == Health.UP && engine.state == FaultyEngine.State.WELL) {
        fleet.probed(id, facts);
      }
    }

    void recover() {
      faultNumber++;
      boolean wasDead = engine.state == FaultyEngine.State.DEAD;
      engine.revive();
      if (agent && wasDead) {
        join();
      }
      watch();
    }

    void hurry() {
      if (!agent && hurried == 0) {
        hurried = LivenessLimits.REFUSALS;
        probe.cancel();
        watching = true;
        probe = time.after(Duration.ofMillis(2), this::ask);
      }
    }

    /// Begins to probe it each second, until it is well and known to be.
    private void watch() {
      if (!agent && !watching) {
        watching = true;
        probe = time.after(seconds(random.nextDouble()), this::ask);
      }
    }

    private void ask() {
      switch (engine.state) {
        case WELL -> {
          fleet.probed(id, facts);
          again();
        }
        case DEAD -> {
          fleet.probeFailed(
              id, Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "refused"));
          again();
        }
        case STOPPED -> {
          probe =
              time.after(
                  LivenessLimits.QUIET.minus(PROBE_EVERY),
                  () -> {
                    fleet.quiet(id);
                    probe =
                        time.after(
                            PROBE_WITHIN.minus(LivenessLimits.QUIET.minus(PROBE_EVERY)),
                            this::giveUp);
                  });
        }
      }
    }

    private void giveUp() {
      if (engine.state == FaultyEngine.State.WELL) {
        fleet.probed(id, facts);
      } else {
        fleet.probeFailed(
            id, Failure.of(FailureCode.ENGINE_STALLED, Retry.UNSAFE_MAY_HAVE_ACTED, "silent"));
      }
      again();
    }

    private void again() {
      hurried = Math.max(0, hurried - 1);
      if (engine.state == FaultyEngine.State.WELL && health() == Health.UP) {
        watching = false;
        return;
      }
      watching = true;
      probe.cancel();
      probe = time.after(hurried > 0 ? HURRY_EVERY : PROBE_EVERY, this::ask);
    }
  }

  // ---- clients

  /// One client with one task.
  private final class Visitor implements TaskListener<String> {
    final TaskId id = new TaskId("t-" + tasks++);
    private final boolean writesAtOnce = random.nextInt(4) > 0;
    private final TaskHandle handle;
    int ends;
    boolean left;
    private boolean written;
    private int pieces;

    Visitor() {
      boolean leaves = random.nextInt(6) == 0;
      double patience = random.nextDouble() * 20;
      handle =
          dispatcher.submit(
              new Task<>(
                  id,
                  TaskType.CHAT,
                  new ModelName(MODEL),
                  Set.of(),
                  random.nextInt(10),
                  Duration.ofSeconds(random.nextInt(60)),
                  Optional.empty(),
                  false,
                  0,
                  "key-" + random.nextInt(3),
                  "",
                  "work"),
              this);
      if (leaves) {
        time.after(seconds(patience), this::leave);
      }
    }

    private void leave() {
      if (ends == 0 && !left) {
        left = true;
        handle.cancel();
      }
    }

    private void alive() {
      assertThat(ends).as("%s hears after its end", id).isZero();
      assertThat(left).as("%s hears after it left", id).isFalse();
    }

    @Override
    public void queued(int position) {
      alive();
    }

    @Override
    public void assigned(Assignment assignment) {
      alive();
      assertThat(written).as("%s was written and begins anew", id).isFalse();
      pieces = 0;
    }

    @Override
    public boolean event(String event) {
      alive();
      pieces++;
      written |= writesAtOnce || pieces > 2;
      if (random.nextInt(20) == 0) {
        // Its reader is slow: it takes nothing for a while.
        handleLater(TaskHandle::pause, Duration.ofMillis(1));
        handleLater(TaskHandle::resume, seconds(0.001 + random.nextDouble() * 30));
      }
      return written;
    }

    private void handleLater(Consumer<TaskHandle> order, Duration wait) {
      time.after(
          wait,
          () -> {
            if (ends == 0 && !left) {
              order.accept(handle);
            }
          });
    }

    @Override
    public void done(AnswerUsage usage) {
      alive();
      ends++;
      mix("done", id);
    }

    @Override
    public void failed(Failure failure) {
      alive();
      ends++;
      mix(failure.code().name(), id);
    }
  }
}
