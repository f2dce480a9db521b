package dev.tutti.paced;

import dev.tutti.core.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One request's way through the machine: waits for a slot, loads, reads the prompt, makes tokens.
///
/// All instants are on one absolute schedule: a timer that fires late makes its own token late and
/// no other. Owned by the engine's loop.
final class Generation {
  /// So many tokens at most before other requests get their turn.
  static final int MAX_TOKENS_PER_TURN = 1_000;

  /// Who listens. Called on the engine's loop.
  interface Sink {
    /// The prompt is read and the answer begins.
    void begun();

    /// Token `index` was made.
    void piece(int index, Piece piece);

    /// The last token was made; the slot is free again.
    void finished(Spent spent);
  }

  /// How a generation ended.
  enum End {
    COMPLETED,
    ABORTED,
    FAILED
  }

  private enum Stage {
    WAITING,
    LOADING,
    READING,
    ANSWERING,
    OVER
  }

  private final Time time;
  private final Pace pace;
  private final Residents residents;
  private final Ask ask;
  private final int contextTokens;
  private final Script script;
  private final Sink sink;
  private final Duration extraWait;
  private final Machine machine;

  private Stage stage = Stage.WAITING;
  private Slots.@Nullable Ticket ticket;
  private Time.@Nullable Timer timer;
  private boolean paused;
  private int made;
  private final long arrivedNanos;
  private long grantedNanos;
  private long readyNanos;
  private long loadedNanos;
  private long answerStartNanos;

  /// How far pauses have moved the schedule.
  private long shiftNanos;

  Generation(Machine machine, Ask ask, Duration extraWait, int answerTokens, Sink sink) {
    this.time = machine.time();
    this.pace = machine.profile().pace();
    this.residents = machine.residents();
    this.ask = ask;
    this.contextTokens = machine.contextTokens(ask);
    this.script = Script.of(ask, machine.profile().name(), answerTokens);
    this.sink = sink;
    this.extraWait = extraWait;
    this.machine = machine;
    this.arrivedNanos = time.nanos();
  }

  /// Takes a slot or a place in the queue; false when the queue is full.
  boolean start(Slots slots) {
    var place = slots.request(this::granted);
    if (place.isEmpty()) {
      stage = Stage.OVER;
      return false;
    }
    ticket = place.get();
    note(WorkLog.What.BEGUN, ask.begunTokens());
    return true;
  }

  /// Makes no tokens until {@link #resume}.
  void pause() {
    paused = true;
  }

  /// Goes on; the time of the pause is not caught up.
  void resume() {
    if (paused) {
      paused = false;
      if (stage == Stage.ANSWERING) {
        shiftNanos += Math.max(0, time.nanos() - dueNanos(made));
        schedule(time.nanos(), this::makeTokens);
      }
    }
  }

  /// Ends the work now, unless it is over: the slot is free when this returns.
  void cancel(End why) {
    if (stage != Stage.OVER) {
      end(why);
    }
  }

  private void granted() {
    // Slots are handed out from within other generations' ends, so this only sets a timer.
    stage = Stage.LOADING;
    grantedNanos = time.nanos();
    readyNanos = residents.acquire(ask.model().name(), contextTokens, ask.loadOptions());
    schedule(readyNanos, this::loaded);
  }

  private void loaded() {
    stage = Stage.READING;
    loadedNanos = Math.max(grantedNanos, readyNanos);
    answerStartNanos = loadedNanos + extraWait.toNanos() + pace.prefillNanos(ask.promptTokens());
    schedule(answerStartNanos, this::begin);
  }

  private void begin() {
    stage = Stage.ANSWERING;
    sink.begun();
    if (stage == Stage.ANSWERING && !paused) {
      schedule(nextInstant(), this::makeTokens);
    }
  }

  private void makeTokens() {
    long now = time.nanos();
    int turnEnd = (int) Math.min(script.tokens(), (long) made + MAX_TOKENS_PER_TURN);
    while (!paused && stage == Stage.ANSWERING && made < turnEnd && dueNanos(made) - now <= 0) {
      int index = made++;
      machine.countToken();
      sink.piece(index, script.pieceAt().apply(index));
    }
    if (paused || stage != Stage.ANSWERING) {
      return;
    }
    if (made == script.tokens()) {
      var spent = spent(now);
      end(End.COMPLETED);
      sink.finished(spent);
    } else {
      schedule(nextInstant(), this::makeTokens);
    }
  }

  private long nextInstant() {
    return made == script.tokens() ? time.nanos() : dueNanos(made);
  }

  private long dueNanos(int index) {
    return answerStartNanos + shiftNanos + pace.decodeNanos(index + 1L);
  }

  private void note(WorkLog.What what, int tokens) {
    machine.profile().log().note(time.now(), ask.seed(), what, tokens);
  }

  private Spent spent(long now) {
    return new Spent(
        script.finish(),
        ask.promptTokens(),
        made,
        loadedNanos - grantedNanos,
        answerStartNanos - loadedNanos,
        now - answerStartNanos,
        now - arrivedNanos);
  }

  private void schedule(long instantNanos, Runnable next) {
    if (timer != null) {
      timer.cancel();
    }
    timer = time.after(Duration.ofNanos(instantNanos - time.nanos()), next);
  }

  private void end(End why) {
    boolean ran = stage != Stage.WAITING;
    stage = Stage.OVER;
    if (timer != null) {
      timer.cancel();
    }
    if (ran) {
      residents.release(ask.model().name(), ask.keepAlive());
    }
    machine.countEnd(why);
    note(WorkLog.What.of(why), made);
    if (ticket != null) {
      ticket.release();
    }
  }
}
