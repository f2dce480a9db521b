package dev.tutti.app;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.TaskView;
import dev.tutti.dispatch.place.Demand;
import dev.tutti.dispatch.place.Placement;
import dev.tutti.dispatch.place.Plan;
import dev.tutti.dispatch.place.Situation;
import dev.tutti.dispatch.place.Survey;
import dev.tutti.dispatch.predict.Experience;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Plans who should hold which model, now and then and when somebody asks, and carries a plan out
/// when somebody says so: one model after the other, as tasks that everybody else goes before. What
/// a plan keeps is kept for longer by the next request for it. Nothing is ever pulled or deleted.
/// Owner loop only; the thinking is done elsewhere.
final class Placements {
  /// Between two plans that nobody asked for.
  static final Duration PLAN_EVERY = Duration.ofMinutes(5);

  /// How long a model that the plan keeps stays after its last use: so long that the next plan can
  /// say something else.
  static final Duration KEPT_FOR = Duration.ofHours(1);

  /// The longest that loading or unloading waits for a slot.
  static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final int PRIORITY = 0;
  private static final Logger LOG = LoggerFactory.getLogger(Placements.class);

  private final Fleet fleet;
  private final Dispatcher<Work, Delta> dispatcher;
  private final Experience<Work> experience;
  private final Demand demand;
  private final Memories memories;
  private final Time time;
  private final RandomGenerator random;
  private final Executor offLoop;
  private final Executor onLoop;
  private final Queue<Plan.Entry> steps = new ArrayDeque<>();
  private LoadRules rules = LoadRules.NONE;
  private boolean working;

  Placements(
      Fleet fleet,
      Dispatcher<Work, Delta> dispatcher,
      Experience<Work> experience,
      Demand demand,
      Memories memories,
      Time time,
      RandomGenerator random,
      Executor offLoop,
      Executor onLoop) {
    this.fleet = fleet;
    this.dispatcher = dispatcher;
    this.experience = experience;
    this.demand = demand;
    this.memories = memories;
    this.time = time;
    this.random = random;
    this.offLoop = offLoop;
    this.onLoop = onLoop;
  }

  /// These pins and contexts hold from now on.
  void rules(LoadRules fresh) {
    rules = fresh;
  }

  /// Plans now and then from now on.
  void begin() {
    time.after(
        PLAN_EVERY,
        () -> {
          var _ = plan();
          begin();
        });
  }

  /// The plan as things are now.
  Future<Plan> plan() {
    var survey =
        new Survey(
            experience, demand.needs(time.now()), rules.pins(), this::wantedContext, running());
    Situation situation = survey.of(fleet.view());
    Promise<Plan> planned = Promise.promise();
    offLoop.execute(() -> {
      try {
        Plan plan = Placement.plan(situation);
        onLoop.execute(() -> {
          keep(plan);
          planned.complete(plan);
        });
      } catch (RuntimeException bug) {
        LOG.error("Planning who should hold what failed", bug);
        onLoop.execute(() -> planned.fail(bug));
      }
    });
    return planned.future();
  }

  private int wantedContext(ModelName model) {
    return rules.of(model).context().orElse(0);
  }

  private Map<BackendId, Set<ModelName>> running() {
    var running = new HashMap<BackendId, Set<ModelName>>();
    for (TaskView task : dispatcher.tasks()) {
      task.running()
          .ifPresent(place ->
              running.computeIfAbsent(place.backend(), _ -> new HashSet<>()).add(place.model()));
    }
    return running;
  }

  private void keep(Plan plan) {
    var keep = new HashMap<BackendId, Map<ModelName, Duration>>();
    for (Plan.Entry entry : plan.entries()) {
      if (entry.action() == Plan.Action.KEEP || entry.action() == Plan.Action.LOAD) {
        keep.computeIfAbsent(entry.backend(), _ -> new HashMap<>()).put(entry.model(), KEPT_FOR);
      }
    }
    memories.planned(keep);
  }

  // ---- carrying it out

  /// Begins to carry out the plan as things are now, unloading before loading.
  ///
  /// @return what will be done; fails while an earlier plan is still being carried out
  Future<List<Plan.Entry>> carryOut() {
    if (working) {
      return Future.failedFuture(
          new MeshException(
              Failure.of(
                  FailureCode.BUSY,
                  Retry.SAFE_NOT_STARTED,
                  "a plan is being carried out, try again later")));
    }
    working = true;
    return plan()
        .map(plan -> {
          var inOrder = new ArrayList<Plan.Entry>();
          add(plan, Plan.Action.UNLOAD, inOrder);
          add(plan, Plan.Action.LOAD, inOrder);
          steps.addAll(inOrder);
          next();
          return (List<Plan.Entry>) inOrder;
        })
        .onFailure(_ -> working = false);
  }

  private static void add(Plan plan, Plan.Action action, List<Plan.Entry> inOrder) {
    plan.entries().stream().filter(entry -> entry.action() == action).forEach(inOrder::add);
  }

  private void next() {
    Plan.Entry step = steps.poll();
    if (step == null) {
      working = false;
      return;
    }
    BackendView backend = fleet.view().backends().get(step.backend());
    Optional<ModelFacts> model =
        Optional.ofNullable(backend).flatMap(known -> known.model(step.model()));
    if (backend == null || model.isEmpty()) {
      next();
      return;
    }
    var _ = dispatcher.submit(task(step, backend.node(), model.get()), new Step(step));
  }

  private Task<Work> task(Plan.Entry step, NodeId node, ModelFacts model) {
    return new Task<>(
        TaskId.random(random),
        TaskType.LOAD,
        step.model(),
        Set.of(),
        PRIORITY,
        PATIENCE,
        Optional.of(node),
        false,
        0,
        "",
        "",
        work(step, model));
  }

  /// An Ollama loads for an empty request, but a model that only embeds for a text only.
  private Work work(Plan.Entry step, ModelFacts model) {
    String name = step.model().value();
    boolean unload = step.action() == Plan.Action.UNLOAD;
    if (model.type() == ModelType.EMBEDDING && !unload) {
      return new Work.Embedding(
          name,
          Dialect.OLLAMA,
          List.of("."),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Set.of());
    }
    int context = Survey.contextOf(model, wantedContext(step.model()));
    JsonNode tokens = JsonNodeFactory.instance.numberNode(context);
    return new Work.Residency(
        name,
        Dialect.OLLAMA,
        unload,
        false,
        unload ? Optional.of(OllamaLoad.keepAlive(Duration.ZERO)) : Optional.empty(),
        unload ? Map.of() : Map.of(OllamaLoad.CONTEXT, tokens));
  }

  /// Hears one step; whatever becomes of it, the next one follows.
  private final class Step implements TaskListener<Delta> {
    private final Plan.Entry entry;

    Step(Plan.Entry entry) {
      this.entry = entry;
    }

    @Override
    public void queued(int position) {
      // There is time.
    }

    @Override
    public void assigned(Assignment assignment) {
      // The plan has said where.
    }

    @Override
    public boolean event(Delta event) {
      return false;
    }

    @Override
    public void done(AnswerUsage usage) {
      LOG.info(
          "By plan. action={} model={} backend={}",
          entry.action().wireName(),
          entry.model(),
          entry.backend());
      next();
    }

    @Override
    public void failed(Failure failure) {
      LOG.warn(
          "A step of a plan failed. action={} model={} backend={} cause={}",
          entry.action().wireName(),
          entry.model(),
          entry.backend(),
          failure.message());
      next();
    }
  }
}
