package dev.tutti.bench.decide;

import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.Failure;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.SimulatedTime;
import dev.tutti.core.TaskId;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Appraisal;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.DispatchEvents;
import dev.tutti.dispatch.DispatchLimits;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Prompt;
import dev.tutti.dispatch.RoutingStrategy;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.dispatch.TaskRecord;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.WaitEstimate;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.LivenessLimits;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelTypes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;

/// A fleet of many engines of unlike speed that answer as fast as they are told to, under the
/// production dispatcher. One thread.
final class Crowd implements DispatchEvents {
  private static final ModelName MODEL = new ModelName("llama3.1:8b");
  private static final int SLOTS = 2;
  private static final int ANSWER_TOKENS = 200;

  /// Tokens between two boundaries of a prompt.
  private static final int SPAN = 128;

  /// How many conversations there are; a task goes on with one of them.
  private static final int CONVERSATIONS = 64;

  private static final int BOUNDARIES = 8;
  private static final int PRIORITY = 5;

  /// Answers of each engine before it begins.
  private static final int ANSWERS = 6;

  private final SimulatedTime time = new SimulatedTime();
  private final Fleet fleet;
  private final Dispatcher<String, String> dispatcher;
  private final List<Idle> engines = new ArrayList<>();
  private final List<Prompt> prompts = new ArrayList<>();
  private final Quiet listener = new Quiet();
  private int asked;

  /// @param backends how many engines
  /// @param load the share of all slots that is in use, 0 to 1
  Crowd(int backends, double load) {
    fleet = new Fleet(time, new NodeId("hub"), "127.0.0.1", _ -> {});
    dispatcher =
        new Dispatcher<>(
            time,
            new DispatchLimits(1_000, 1, Duration.ofDays(1), Duration.ofDays(1), 0),
            fleet::view,
            RoutingStrategy.predictive(),
            this);
    for (int i = 0; i < backends; i++) {
      add(i);
    }
    dispatcher.fleetChanged();
    var random = new SplittableRandom(1);
    for (int i = 0; i < CONVERSATIONS; i++) {
      prompts.add(prompt(random));
    }
    teach();
    for (int i = 0; i < load * backends * SLOTS; i++) {
      int node = i % backends;
      submit(Optional.of(new NodeId("n" + node)));
    }
  }

  private void add(int i) {
    var id = new BackendId("n" + i + "/ollama");
    var node = new NodeId("n" + i);
    fleet.addDirect(id, node, "n" + i, "http://n" + i, OptionalInt.of(SLOTS));
    var model =
        new ModelFacts(
            MODEL,
            ModelTypes.classify(MODEL, List.of()),
            Bytes.UNKNOWN,
            "",
            0,
            new ModelFacts.Loaded(true, Bytes.UNKNOWN, Bytes.UNKNOWN, 0, ""),
            List.of(),
            Map.of(),
            "");
    for (int n = 0; n < LivenessLimits.RISE; n++) {
      fleet.probed(id, new BackendFacts(BackendKind.OLLAMA, "1", SLOTS, List.of(model), false));
    }
    var slots = dispatcher.slots(id);
    var engine = new Idle(slots, 1 + i % 30);
    dispatcher.attach(id, engine);
    for (int n = 0; n < SLOTS; n++) {
      slots.slotOpened();
    }
    engines.add(engine);
  }

  private static Prompt prompt(SplittableRandom random) {
    long[] hashes = new long[BOUNDARIES];
    int[] upTo = new int[BOUNDARIES];
    for (int i = 0; i < BOUNDARIES; i++) {
      hashes[i] = random.nextLong();
      upTo[i] = (i + 1) * SPAN;
    }
    return Prompt.of(BOUNDARIES * SPAN, hashes, upTo);
  }

  /// Every engine answers until its pace is measured.
  private void teach() {
    for (int i = 0; i < ANSWERS * engines.size(); i++) {
      submit(Optional.of(new NodeId("n" + i % engines.size())));
      engines.get(i % engines.size()).answerAll();
    }
  }

  /// Where a task would go, and when: the decision alone.
  WaitEstimate decide() {
    return dispatcher.estimate(task(Optional.empty()));
  }

  /// A task comes, is given its place there, and its client leaves.
  void serve() {
    submit(Optional.empty()).cancel();
  }

  /// So many tasks come and wait for one engine.
  void line(int tasks) {
    for (int i = 0; i < tasks; i++) {
      submit(Optional.of(new NodeId("n0")));
    }
  }

  int waiting() {
    return dispatcher.waiting();
  }

  private TaskHandle submit(Optional<NodeId> pin) {
    return dispatcher.submit(task(pin), listener);
  }

  private Task<String> task(Optional<NodeId> pin) {
    int n = asked++;
    return new Task<>(
        new TaskId("t-" + n),
        TaskType.CHAT,
        MODEL,
        Set.of(),
        PRIORITY,
        Duration.ofHours(1),
        pin,
        false,
        false,
        0,
        "",
        "",
        "",
        0,
        prompts.get(n % CONVERSATIONS),
        Appraisal.NONE,
        "work");
  }

  /// An engine that answers when it is told to, and gives slots back at once.
  private static final class Idle implements Engine<String, String> {
    private final SlotListener slots;
    private final int slowness;
    private final List<AttemptListener<String>> attempts = new ArrayList<>();

    Idle(SlotListener slots, int slowness) {
      this.slots = slots;
      this.slowness = slowness;
    }

    @Override
    public Attempt start(Task<String> task, AttemptListener<String> listener) {
      attempts.add(listener);
      return new Attempt() {
        @Override
        public void cancel() {
          attempts.remove(listener);
          slots.slotOpened();
        }

        @Override
        public void pause() {}

        @Override
        public void resume() {}
      };
    }

    void answerAll() {
      var all = List.copyOf(attempts);
      attempts.clear();
      long nanos = slowness * 10_000_000L;
      for (var attempt : all) {
        attempt.event("answer");
        attempt.done(
            new AnswerUsage(
                BOUNDARIES * SPAN, 0, ANSWER_TOKENS, 0, nanos * 10, nanos * ANSWER_TOKENS));
        slots.slotOpened();
      }
    }
  }

  private static final class Quiet implements TaskListener<String> {
    @Override
    public void queued(int position) {}

    @Override
    public void assigned(Assignment assignment) {}

    @Override
    public boolean event(String event) {
      return true;
    }

    @Override
    public void done(AnswerUsage usage) {}

    @Override
    public void failed(Failure failure) {}
  }

  @Override
  public void taskQueued(Task<?> task, int position, WaitEstimate wait) {}

  @Override
  public void taskAssigned(Task<?> task, Assignment assignment) {}

  @Override
  public void attemptFailed(TaskId task, BackendId backend, Failure failure) {}

  @Override
  public void taskFinished(Task<?> task, TaskRecord record) {}

  @Override
  public void queueChanged(int waiting) {}
}
