package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.dispatch.predict.Experience;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.LivenessLimits;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelTypes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/// A real fleet and a real dispatcher, wired as a hub wires them, over engines played by hand.
final class Ensemble implements DispatchEvents {
  static final NodeId HUB = new NodeId("hub");

  final SimulatedTime time = new SimulatedTime();
  final Fleet fleet;
  final Dispatcher<String, String> dispatcher;
  final Map<String, FakeEngine> engines = new LinkedHashMap<>();
  final List<TaskRecord> records = new ArrayList<>();
  final List<Failure> attemptFailures = new ArrayList<>();
  final List<Integer> queueSizes = new ArrayList<>();
  final List<Boolean> overloads = new ArrayList<>();
  private int tasks;

  Ensemble() {
    this(DispatchLimits.DEFAULT, RoutingStrategy.echo());
  }

  Ensemble(DispatchLimits limits, RoutingStrategy strategy) {
    this(limits, strategy, _ -> "");
  }

  /// @param likeness what tasks have in common that are to count as the same
  Ensemble(Function<String, String> likeness) {
    this(DispatchLimits.DEFAULT, RoutingStrategy.echo(), likeness);
  }

  private Ensemble(
      DispatchLimits limits, RoutingStrategy strategy, Function<String, String> likeness) {
    fleet = new Fleet(time, HUB, "127.0.0.1", _ -> fleetChanged());
    dispatcher =
        new Dispatcher<>(time, limits, fleet::view, strategy, this, new Experience<>(), likeness);
  }

  private void fleetChanged() {
    dispatcher.fleetChanged();
  }

  static BackendId id(String node) {
    return new BackendId(node + "/ollama");
  }

  /// Adds a node with one engine of that many slots, up and attached.
  FakeEngine engine(String node, int slots, String... models) {
    var id = id(node);
    FakeEngine engine = attach(node, slots);
    fleet.addDirect(id, new NodeId(node), node, "http://" + node, OptionalInt.of(slots));
    up(node, models);
    return engine;
  }

  /// Adds a node with one simulated engine.
  void simulated(String node, int slots, String... models) {
    attach(node, slots);
    fleet.addDirect(id(node), new NodeId(node), node, "http://" + node, OptionalInt.of(slots));
    fleet.probed(id(node), facts(Arrays.stream(models).map(Ensemble::model).toList(), true));
  }

  /// The engine on that node.
  FakeEngine at(String node) {
    FakeEngine engine = engines.get(node);
    if (engine == null) {
      throw new AssertionError("no engine on " + node);
    }
    return engine;
  }

  FakeEngine attach(String node, int slots) {
    var engine = new FakeEngine(dispatcher.slots(id(node)));
    dispatcher.attach(id(node), engine);
    engine.open(slots);
    engines.put(node, engine);
    return engine;
  }

  void up(String node, String... models) {
    var found = facts(Arrays.stream(models).map(Ensemble::model).toList(), false);
    for (int i = 0; i < LivenessLimits.RISE; i++) {
      fleet.probed(id(node), found);
    }
  }

  void down(String node) {
    for (int i = 0; i < LivenessLimits.REFUSALS; i++) {
      fleet.probeFailed(
          id(node), Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "refused"));
    }
  }

  /// An answer of it broke off.
  void suspect(String node) {
    fleet.evidence(
        id(node), Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, "broke off"));
  }

  void memory(String node, double freeGibi) {
    fleet.hardware(
        new NodeId(node),
        new Hardware("", 0, "", "", Bytes.UNKNOWN, Bytes.ofGibi(freeGibi), "", Bytes.UNKNOWN));
  }

  static BackendFacts facts(List<ModelFacts> models, boolean simulated) {
    return new BackendFacts(BackendKind.OLLAMA, "1", 0, models, simulated);
  }

  /// `name` or `name=capability+capability`.
  static ModelFacts model(String text) {
    String[] parts = text.split("=", 2);
    var name = new ModelName(parts[0]);
    List<String> capabilities = parts.length == 1 ? List.of() : List.of(parts[1].split("\\+"));
    return new ModelFacts(
        name,
        ModelTypes.classify(name, capabilities),
        Bytes.UNKNOWN,
        "",
        0,
        ModelFacts.Loaded.NOT,
        capabilities,
        Map.of(),
        "");
  }

  /// A task that can be changed before it is submitted.
  Ask ask(String model) {
    return new Ask(
        new Task<>(
            new TaskId("t-" + tasks++),
            TaskType.CHAT,
            new ModelName(model),
            Set.of(),
            5,
            Duration.ofSeconds(30),
            Optional.empty(),
            false,
            0,
            "",
            "",
            "work"));
  }

  Client submit(String model) {
    return ask(model).submit();
  }

  void seconds(double seconds) {
    time.advance(Duration.ofNanos(Math.round(seconds * 1e9)));
  }

  @Override
  public void taskQueued(Task<?> task, int position, WaitEstimate expected) {}

  @Override
  public void taskAssigned(Task<?> task, Assignment assignment) {}

  @Override
  public void attemptFailed(TaskId task, BackendId backend, Failure failure) {
    attemptFailures.add(failure);
    fleet.evidence(backend, failure);
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

  @Override
  public void taskFinished(Task<?> task, TaskRecord record) {
    records.add(record);
  }

  @Override
  public void overloaded(boolean overloaded) {
    overloads.add(overloaded);
  }

  @Override
  public void queueChanged(int waiting) {
    queueSizes.add(waiting);
  }

  /// A task in the making.
  final class Ask {
    private Task<String> task;
    private TaskHandle handle = new Nothing();

    Ask(Task<String> task) {
      this.task = task;
    }

    Ask type(TaskType type) {
      return with(type, task.needs(), task.priority(), task.ttl(), task.pin(), task.substitute());
    }

    Ask needs(String... needs) {
      return with(
          task.type(), Set.of(needs), task.priority(), task.ttl(), task.pin(), task.substitute());
    }

    Ask priority(int priority) {
      return with(task.type(), task.needs(), priority, task.ttl(), task.pin(), task.substitute());
    }

    Ask ttl(Duration ttl) {
      return with(task.type(), task.needs(), task.priority(), ttl, task.pin(), task.substitute());
    }

    Ask pin(String node) {
      return with(
          task.type(),
          task.needs(),
          task.priority(),
          task.ttl(),
          Optional.of(new NodeId(node)),
          task.substitute());
    }

    Ask substitute() {
      return with(task.type(), task.needs(), task.priority(), task.ttl(), task.pin(), true);
    }

    /// The task must not leave the owner's own machines.
    Ask local() {
      task =
          new Task<>(
              task.id(),
              task.type(),
              task.model(),
              task.needs(),
              task.priority(),
              task.ttl(),
              task.pin(),
              task.substitute(),
              true,
              task.outputLimit(),
              "",
              "",
              "",
              0,
              Prompt.UNKNOWN,
              task.appraisal(),
              "work");
      return this;
    }

    Ask difficulty(Difficulty difficulty) {
      task =
          new Task<>(
              task.id(),
              task.type(),
              task.model(),
              task.needs(),
              task.priority(),
              task.ttl(),
              task.pin(),
              task.substitute(),
              task.local(),
              task.outputLimit(),
              "",
              "",
              "",
              0,
              Prompt.UNKNOWN,
              new Appraisal(difficulty, "type chat by default; " + difficulty.wireName()),
              "work");
      return this;
    }

    Ask outputLimit(int limit) {
      task =
          new Task<>(
              task.id(),
              task.type(),
              task.model(),
              task.needs(),
              task.priority(),
              task.ttl(),
              task.pin(),
              task.substitute(),
              limit,
              "",
              "",
              "work");
      return this;
    }

    Ask principal(String principal) {
      task =
          new Task<>(
              task.id(),
              task.type(),
              task.model(),
              task.needs(),
              task.priority(),
              task.ttl(),
              task.pin(),
              task.substitute(),
              task.outputLimit(),
              principal,
              "",
              "work");
      return this;
    }

    Ask under(Licence licence) {
      task = task.under(licence, false);
      return this;
    }

    private Ask with(
        TaskType type,
        Set<String> needs,
        int priority,
        Duration ttl,
        Optional<NodeId> pin,
        boolean substitute) {
      task =
          new Task<>(
              task.id(),
              type,
              task.model(),
              needs,
              priority,
              ttl,
              pin,
              substitute,
              task.outputLimit(),
              task.principal(),
              "",
              "work");
      return this;
    }

    Task<String> task() {
      return task;
    }

    TaskHandle handle() {
      return handle;
    }

    Client submit() {
      var client = new Client();
      submit(client);
      return client;
    }

    void submit(TaskListener<String> listener) {
      handle = dispatcher.submit(task, listener);
    }
  }

  /// The hold on a task that was never submitted.
  private static final class Nothing implements TaskHandle {
    @Override
    public TaskId id() {
      throw new IllegalStateException("not submitted (expected: submitted)");
    }

    @Override
    public void cancel() {
      id();
    }

    @Override
    public void pause() {
      id();
    }

    @Override
    public void resume() {
      id();
    }
  }
}
