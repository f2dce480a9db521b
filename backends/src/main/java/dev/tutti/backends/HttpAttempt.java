package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.dialects.AnswerReader;
import dev.tutti.dialects.Delta;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Engine;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One attempt: from the bytes of an exchange to deltas. Owner loop only.
final class HttpAttempt implements Engine.Attempt, Transport.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(HttpAttempt.class);
  private static final int OK_FROM = 200;
  private static final int OK_TO = 299;

  private final AnswerReader reader;
  private final AttemptListener<Delta> listener;
  private final Credits credits;
  private final Time time;
  private final Buffer refusal = Buffer.buffer();
  private Transport.@Nullable Exchange exchange;
  private Time.@Nullable Timer timer;
  private ModelMemory.Use use = _ -> {};
  private AnswerUsage usage = AnswerUsage.UNKNOWN;
  private String retryAfter = "";
  private int status;
  private long heardNanos;
  private boolean paused;
  private boolean over;

  HttpAttempt(AnswerReader reader, AttemptListener<Delta> listener, Credits credits, Time time) {
    this.reader = reader;
    this.listener = listener;
    this.credits = credits;
    this.time = time;
  }

  /// Who is told how it went.
  void using(ModelMemory.Use told) {
    use = told;
  }

  void begin(Transport.Exchange begun) {
    exchange = begun;
    heardNanos = time.nanos();
    if (paused) {
      begun.pause();
    }
    watchSilence(HttpEngine.SILENCE_LIMIT);
  }

  /// Ends the attempt with that failure at the next turn: it never reached the engine.
  void refuse(Failure failure) {
    timer = time.after(Duration.ZERO, () -> fail(failure));
  }

  private void watchSilence(Duration limit) {
    timer = time.after(limit, this::checkSilence);
  }

  private void checkSilence() {
    var quiet = Duration.ofNanos(time.nanos() - heardNanos);
    var left = HttpEngine.SILENCE_LIMIT.minus(quiet);
    if (paused) {
      // It is us who do not listen.
      watchSilence(HttpEngine.SILENCE_LIMIT);
    } else if (left.isPositive()) {
      watchSilence(left);
    } else {
      abandon(
          Failure.of(
              FailureCode.ENGINE_STALLED,
              Retry.UNSAFE_MAY_HAVE_ACTED,
              "the engine sent nothing for " + quiet.toSeconds() + " s"));
    }
  }

  @Override
  public void head(int status, Map<String, String> headers) {
    this.status = status;
    heardNanos = time.nanos();
    use.heard();
    retryAfter = headers.getOrDefault("retry-after", "");
    if (!isGood()) {
      stopTimer();
      timer = time.after(HttpEngine.REFUSAL_WITHIN, this::cutRefusal);
    }
  }

  private boolean isGood() {
    return status >= OK_FROM && status <= OK_TO;
  }

  @Override
  public void chunk(Buffer bytes) {
    if (over) {
      return;
    }
    heardNanos = time.nanos();
    if (isGood()) {
      guarded(() -> reader.feed(bytes.getBytes(), this::delta));
      return;
    }
    int room = AnswerReader.MAX_ERROR_BYTES - refusal.length();
    refusal.appendBuffer(bytes, 0, Math.min(room, bytes.length()));
    if (bytes.length() >= room) {
      cutRefusal();
    }
  }

  private void delta(Delta delta) {
    if (over) {
      return;
    }
    if (delta instanceof Delta.Usage told) {
      usage =
          new AnswerUsage(
              told.promptTokens(),
              told.cachedTokens(),
              told.outputTokens(),
              told.loadNanos(),
              told.promptNanos(),
              told.outputNanos());
    }
    listener.event(delta);
  }

  @Override
  public void end() {
    if (over) {
      return;
    }
    if (!isGood()) {
      guarded(() -> fail(refused()));
      return;
    }
    guarded(() -> {
      Optional<Failure> incomplete = reader.end(this::delta);
      if (!over) {
        incomplete.ifPresentOrElse(this::fail, this::done);
      }
    });
  }

  private Failure refused() {
    return reader.refused(status, retryAfter, refusal.getBytes());
  }

  /// Enough of a refusal was seen, or waited for.
  private void cutRefusal() {
    guarded(() -> abandon(refused()));
  }

  @Override
  public void failed(Failure failure) {
    if (status == 0 || isGood()) {
      fail(failure);
    } else {
      // The status says more than a body that broke off.
      guarded(() -> fail(refused()));
    }
  }

  /// What engines send is hostile, and a reader's own mistake must end one attempt only.
  private void guarded(Runnable reading) {
    try {
      reading.run();
    } catch (MeshException told) {
      abandon(told.failure());
    } catch (RuntimeException bug) {
      LOG.error("Reading an engine's answer failed by a fault of ours", bug);
      abandon(
          Failure.of(
              FailureCode.INTERNAL,
              Retry.UNSAFE_MAY_HAVE_ACTED,
              "the engine's answer could not be read"));
    }
  }

  private void abandon(Failure failure) {
    if (!over && exchange != null) {
      exchange.cancel();
    }
    fail(failure);
  }

  private void fail(Failure failure) {
    if (!over && isGood()) {
      // Whoever goes on with the answer has to know what it cost so far.
      reader.soFar().ifPresent(this::delta);
    }
    if (over) {
      return;
    }
    finish(ModelMemory.End.FAILED);
    listener.failed(failure);
    credits.released();
  }

  private void done() {
    finish(ModelMemory.End.DONE);
    listener.done(usage);
    credits.released();
  }

  private void finish(ModelMemory.End end) {
    over = true;
    use.over(end);
    stopTimer();
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /// The slot is given back at the next turn: whoever cancels may be in the midst of its own work.
  @Override
  public void cancel() {
    if (over) {
      return;
    }
    finish(ModelMemory.End.LEFT);
    if (exchange != null) {
      exchange.cancel();
    }
    time.after(Duration.ZERO, credits::released);
  }

  @Override
  public void pause() {
    paused = true;
    if (exchange != null && !over) {
      exchange.pause();
    }
  }

  @Override
  public void resume() {
    if (paused) {
      paused = false;
      heardNanos = time.nanos();
    }
    if (exchange != null && !over) {
      exchange.resume();
    }
  }
}
