package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Task;
import io.vertx.core.Context;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An engine whose attempts the test plays by hand. Its views may be read from any thread.
final class FakeEngine implements Engine<Work, Delta> {
  private static final AtomicLong STARTED = new AtomicLong();

  final List<Play> plays = new CopyOnWriteArrayList<>();
  private final Context owner;
  private @Nullable SlotListener slots;
  private volatile @Nullable Consumer<Play> script;

  FakeEngine(Context owner) {
    this.owner = owner;
  }

  /// Where it tells of its slots.
  void slots(SlotListener slots) {
    this.slots = slots;
  }

  /// What is done with each attempt once it has begun, on the owner's loop.
  void script(Consumer<Play> script) {
    this.script = script;
  }

  @Override
  public Attempt start(Task<Work> task, AttemptListener<Delta> listener) {
    var play = new Play(task, listener);
    plays.add(play);
    Consumer<Play> now = script;
    if (now != null) {
      owner.runOnContext(_ -> now.accept(play));
    }
    return play;
  }

  /// One attempt.
  final class Play implements Attempt {
    final Task<Work> task;

    /// Grows with each attempt of any engine.
    final long number = STARTED.incrementAndGet();

    volatile boolean cancelled;
    volatile boolean paused;
    volatile boolean over;
    private final AttemptListener<Delta> listener;

    Play(Task<Work> task, AttemptListener<Delta> listener) {
      this.task = task;
      this.listener = listener;
    }

    /// Says words; on the owner's loop.
    void say(String text) {
      if (!over) {
        listener.event(new Delta.Content(text));
      }
    }

    /// Gives any piece; on the owner's loop.
    void give(Delta delta) {
      if (!over) {
        listener.event(delta);
      }
    }

    /// Says words from the test's thread, and waits until they are said.
    void sayNow(String text) {
      run(() -> say(text));
    }

    void unload() {
      if (!over) {
        over = true;
        listener.event(new Delta.Resident(false));
        listener.done(AnswerUsage.UNKNOWN);
        freed();
      }
    }

    void finish() {
      if (!over) {
        over = true;
        listener.event(new Delta.Finish(Delta.Reason.STOP));
        listener.event(new Delta.Usage(3, 0, 2, 0, 0, 0));
        listener.done(new AnswerUsage(3, 0, 2));
        freed();
      }
    }

    /// Answers a count of tokens; on the owner's loop.
    void count(int tokens) {
      if (!over) {
        over = true;
        listener.event(new Delta.Counted(tokens));
        listener.done(AnswerUsage.UNKNOWN);
        freed();
      }
    }

    void finishNow() {
      run(this::finish);
    }

    void fail(Failure failure) {
      if (!over) {
        over = true;
        listener.failed(failure);
        freed();
      }
    }

    void failNow(Failure failure) {
      run(() -> fail(failure));
    }

    /// Says words for ever, as fast as the client takes them.
    void sayForEver(String text) {
      if (over) {
        return;
      }
      if (!paused) {
        say(text);
      }
      owner.runOnContext(_ -> sayForEver(text));
    }

    void unloadNow() {
      run(this::unload);
    }

    private void run(Runnable action) {
      var done = new CountDownLatch(1);
      owner.runOnContext(_ -> {
        action.run();
        done.countDown();
      });
      try {
        if (!done.await(5, TimeUnit.SECONDS)) {
          throw new AssertionError("the owner's loop is stuck");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    private void freed() {
      if (slots != null) {
        slots.slotOpened();
      }
    }

    @Override
    public void cancel() {
      if (!over) {
        over = true;
        cancelled = true;
        freed();
      }
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }
  }
}
