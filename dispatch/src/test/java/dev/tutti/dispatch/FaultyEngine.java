package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/// An engine on simulated time that answers, and is killed, stopped, and started again.
final class FaultyEngine implements Engine<String, String> {
  private static final Duration INSTANT = Duration.ofMillis(1);
  private static final int MOST_PIECES = 12;

  /// How an engine can be.
  enum State {
    WELL,
    /// It takes work and does nothing.
    STOPPED,
    /// Nobody listens.
    DEAD
  }

  private final Time time;
  private final RandomGenerator random;
  private final SlotListener listener;
  private final int slots;
  private final boolean behindAgent;
  private final Set<TaskId> liveAnywhere;
  private final Set<Answer> running = new LinkedHashSet<>();
  private int generation;
  State state = State.WELL;

  /// Slots that are open and not spent, as the engine counts them.
  int opened;

  /// @param behindAgent whether its slots are streams of an agent, which go and come with it
  /// @param liveAnywhere the tasks that have an attempt on any engine
  FaultyEngine(
      Time time,
      RandomGenerator random,
      SlotListener listener,
      int slots,
      boolean behindAgent,
      Set<TaskId> liveAnywhere) {
    this.time = time;
    this.random = random;
    this.listener = listener;
    this.slots = slots;
    this.behindAgent = behindAgent;
    this.liveAnywhere = liveAnywhere;
  }

  void openAll() {
    for (int i = 0; i < slots; i++) {
      openOne();
    }
  }

  private void openOne() {
    opened++;
    listener.slotOpened();
  }

  @Override
  public Attempt start(Task<String> task, AttemptListener<String> hears) {
    opened--;
    if (!liveAnywhere.add(task.id())) {
      throw new AssertionError(task.id() + " has two live attempts");
    }
    var answer = new Answer(task.id(), hears);
    running.add(answer);
    if (state == State.DEAD) {
      time.after(
          INSTANT,
          () -> answer.fail(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, "refused"));
    } else {
      answer.next(Duration.ofMillis(50 + random.nextInt(3_000)));
    }
    return answer;
  }

  /// The process is gone: what ran breaks off.
  void kill() {
    if (state == State.DEAD) {
      return;
    }
    state = State.DEAD;
    generation++;
    if (behindAgent) {
      for (int free = opened; free > 0; free--) {
        opened--;
        listener.slotClosed();
      }
    }
    for (Answer answer : new ArrayList<>(running)) {
      FailureCode code =
          answer.said > 0 ? FailureCode.BROKEN_STREAM : FailureCode.ENGINE_UNREACHABLE;
      answer.fail(code, Retry.UNSAFE_MAY_HAVE_ACTED, "broken off");
    }
  }

  void stop() {
    if (state == State.WELL) {
      state = State.STOPPED;
    }
  }

  /// It goes on, or is started again.
  void revive() {
    State before = state;
    state = State.WELL;
    if (before == State.STOPPED) {
      new ArrayList<>(running).forEach(answer -> answer.next(INSTANT));
    } else if (before == State.DEAD && behindAgent) {
      openAll();
    }
  }

  int running() {
    return running.size();
  }

  /// One attempt.
  private final class Answer implements Attempt {
    private final TaskId task;
    private final AttemptListener<String> hears;
    private final int pieces = 1 + random.nextInt(MOST_PIECES);
    private final int born = generation;
    private int said;
    private boolean over;
    private boolean paused;
    private boolean waiting;

    Answer(TaskId task, AttemptListener<String> hears) {
      this.task = task;
      this.hears = hears;
    }

    void next(Duration wait) {
      if (!waiting) {
        waiting = true;
        time.after(
            wait,
            () -> {
              waiting = false;
              step();
            });
      }
    }

    private void step() {
      if (over || paused || state != State.WELL) {
        return;
      }
      int chance = random.nextInt(400);
      if (said == 0 && chance < 4) {
        fail(FailureCode.ENGINE_BUSY, Retry.SAFE_NOT_STARTED, "full");
      } else if (chance == 5) {
        fail(FailureCode.ENGINE_ERROR, Retry.UNSAFE_MAY_HAVE_ACTED, "sick");
      } else if (said == pieces) {
        end(() -> hears.done(new AnswerUsage(3, 0, said)));
      } else {
        said++;
        hears.event("piece");
        next(Duration.ofMillis(20 + random.nextInt(400)));
      }
    }

    void fail(FailureCode code, Retry retry, String why) {
      if (!over) {
        end(() -> hears.failed(Failure.of(code, retry, why)));
      }
    }

    private void end(Runnable tell) {
      leave();
      tell.run();
      giveBack();
    }

    private void leave() {
      over = true;
      running.remove(this);
      liveAnywhere.remove(task);
    }

    private void giveBack() {
      // The streams of an agent that was killed are gone with it.
      if (!behindAgent || (born == generation && state != State.DEAD)) {
        openOne();
      }
    }

    @Override
    public void cancel() {
      if (!over) {
        leave();
        giveBack();
      }
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
      if (!over) {
        next(INSTANT);
      }
    }
  }
}
