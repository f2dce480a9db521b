package dev.tutti.simulate;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Task;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The engine of one machine, by arithmetic: how long it loads, reads and writes when so many
/// streams share it. The formulas are in `design.md`. Owner loop only.
///
/// What it is given beyond its slots waits in the order in which it came; a model that does not fit
/// beside those in use holds up whoever came later, as engines do.
final class ModelledEngine implements Engine<Request, Piece> {
  /// The most tokens of one piece of an answer: real streams bring single tokens, which would cost
  /// more than it tells.
  static final int PIECE_TOKENS = 16;

  /// Less than this much of a token is a rounding error of the rates.
  private static final double NOTHING = 1e-6;

  private final Time time;
  private final NodeSpec node;
  private final SlotListener slots;
  private final Map<ModelName, Resident> models = new TreeMap<>();
  private final Memory memory;
  private final Deque<Stream> waiting = new ArrayDeque<>();
  private final List<Stream> admitted = new ArrayList<>();
  private Time.@Nullable Timer timer;
  private long seenNanos;
  private long busyNanos;

  /// An engine with no model in memory.
  ///
  /// @param changed hears that another set of models is in memory
  ModelledEngine(
      Time time,
      NodeSpec node,
      Map<ModelName, ModelSpec> specs,
      SlotListener slots,
      Runnable changed) {
    this.time = time;
    this.node = node;
    this.slots = slots;
    node.rates()
        .forEach((name, rates) -> {
          ModelSpec spec = specs.get(name);
          if (spec == null) {
            throw new IllegalArgumentException(node.id() + ": " + name + " (expected: a model)");
          }
          models.put(name, new Resident(spec, rates));
        });
    this.memory = new Memory(time, node, models.values(), this::loaded, changed);
    this.seenNanos = time.nanos();
  }

  @Override
  public Attempt start(Task<Request> task, AttemptListener<Piece> listener) {
    Resident model = models.get(task.model());
    if (model == null) {
      throw new IllegalArgumentException(node.id() + ": " + task.model() + " (expected: held)");
    }
    catchUp();
    var stream = new Stream(task.work(), model, listener);
    waiting.add(stream);
    admit();
    setTimer();
    return stream;
  }

  NodeSpec node() {
    return node;
  }

  boolean resident(ModelName model) {
    Resident known = models.get(model);
    return known != null && known.state == Resident.State.READY;
  }

  Bytes freeMemory() {
    return memory.free();
  }

  /// How many models were loaded so far.
  int loads() {
    return memory.loads();
  }

  /// For how long it has had work.
  long busyNanos() {
    return busyNanos + (admitted.isEmpty() ? 0 : time.nanos() - seenNanos);
  }

  // ---- taking work

  private void admit() {
    while (admitted.size() < node.slots() && !waiting.isEmpty()) {
      Stream next = waiting.peek();
      if (!memory.bring(next.model)) {
        return;
      }
      waiting.remove();
      admitted.add(next);
      next.admittedNanos = time.nanos();
      next.model.users++;
      if (next.model.state == Resident.State.READY) {
        next.read();
      }
    }
  }

  private void loaded(Resident model) {
    catchUp();
    for (Stream stream : admitted) {
      if (stream.model == model && stream.phase == Phase.LOADING) {
        stream.read();
      }
    }
    setTimer();
  }

  // ---- sharing the processor

  /// Moves every stream forward to now, at the rates that held since it was last done.
  private void catchUp() {
    long now = time.nanos();
    long passed = now - seenNanos;
    seenNanos = now;
    if (passed == 0 || admitted.isEmpty()) {
      return;
    }
    busyNanos += passed;
    double round = roundSeconds();
    for (Stream stream : admitted) {
      stream.left -= rate(stream, round) * passed / 1e9;
    }
  }

  /// How long the engine takes for one round: a step of each model that is writing, and a batch of
  /// prompt tokens of each that is reading.
  private double roundSeconds() {
    double seconds = 0;
    for (Resident model : models.values()) {
      if (model.writing > 0) {
        seconds += node.sharing().stepCost(model.writing) / model.rates.decode();
      }
      if (model.reading > 0) {
        seconds += node.sharing().batchTokens() / model.rates.prefill();
      }
    }
    return seconds;
  }

  /// Tokens a second that a stream gets on with.
  private double rate(Stream stream, double round) {
    Resident model = stream.model;
    boolean alone = node.sharing().independent();
    return switch (stream.phase) {
      case LOADING, ENDED -> 0;
      case READING ->
          alone ? model.rates.prefill() : node.sharing().batchTokens() / (model.reading * round);
      case WRITING -> alone ? model.rates.decode() : 1 / round;
    };
  }

  private void setTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    double round = roundSeconds();
    double soonest = Double.POSITIVE_INFINITY;
    for (Stream stream : admitted) {
      double rate = rate(stream, round);
      if (rate > 0) {
        soonest = Math.min(soonest, Math.max(0, stream.left) / rate);
      }
    }
    if (soonest < Double.POSITIVE_INFINITY) {
      timer = time.after(Duration.ofNanos((long) Math.ceil(soonest * 1e9)), this::wake);
    }
  }

  private void wake() {
    timer = null;
    catchUp();
    for (Stream stream : List.copyOf(admitted)) {
      // A listener may have ended another stream meanwhile.
      if (stream.isDue()) {
        stream.proceed();
      }
    }
    catchUp();
    admit();
    setTimer();
  }

  private void leave(Stream stream) {
    catchUp();
    stream.phase(Phase.ENDED);
    if (admitted.remove(stream)) {
      stream.model.users--;
      stream.model.usedNanos = time.nanos();
    } else {
      waiting.remove(stream);
    }
  }

  /// What is done for a stream.
  private enum Phase {
    /// Waits for its model.
    LOADING,
    /// Its prompt is read.
    READING,
    /// Its answer is written.
    WRITING,
    ENDED
  }

  /// One answer.
  private final class Stream implements Attempt {
    private final Request request;
    private final Resident model;
    private final AttemptListener<Piece> listener;
    private Phase phase = Phase.LOADING;

    /// Tokens to the end of what is being read, or to the end of the next piece.
    private double left;

    private int piece;
    private int written;
    private int cached;
    private long admittedNanos;
    private long readNanos;
    private long wroteNanos;

    Stream(Request request, Resident model, AttemptListener<Piece> listener) {
      this.request = request;
      this.model = model;
      this.listener = listener;
    }

    void phase(Phase next) {
      switch (phase) {
        case READING -> model.reading--;
        case WRITING -> model.writing--;
        case LOADING, ENDED -> {}
      }
      phase = next;
      switch (next) {
        case READING -> model.reading++;
        case WRITING -> model.writing++;
        case LOADING, ENDED -> {}
      }
    }

    void read() {
      cached = model.cache.held(request.prompt());
      left = Math.max(1, request.prompt().tokens() - cached);
      readNanos = time.nanos();
      phase(Phase.READING);
    }

    boolean isDue() {
      return (phase == Phase.READING || phase == Phase.WRITING) && left <= NOTHING;
    }

    /// The first token comes with the end of reading, each other one with a step.
    void proceed() {
      if (phase == Phase.READING) {
        model.cache.add(request.prompt());
        wroteNanos = time.nanos();
        phase(Phase.WRITING);
        left = 0;
        piece = 1;
      }
      written += piece;
      int told = piece;
      piece = Math.min(PIECE_TOKENS, request.outputTokens() - written);
      left += piece;
      boolean last = piece <= 0;
      if (last) {
        leave(this);
      }
      listener.event(new Piece(told));
      if (last) {
        end();
      }
    }

    private void end() {
      long now = time.nanos();
      listener.done(
          new AnswerUsage(
              request.prompt().tokens(),
              cached,
              written,
              readNanos - admittedNanos,
              wroteNanos - readNanos,
              now - wroteNanos));
      slots.slotOpened();
    }

    @Override
    public void cancel() {
      if (phase != Phase.ENDED) {
        leave(this);
        admit();
        setTimer();
        slots.slotOpened();
      }
    }

    // Nobody reads too slowly here.
    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }
}
