package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One small exchange with an engine, gathered in memory, bounded in size and time. Owner loop
/// only.
final class Question implements Transport.Listener {
  /// What to do with an answer that is longer than wanted.
  enum Excess {
    /// The question fails.
    REFUSE,
    /// The beginning is enough.
    CUT
  }

  /// The whole answer.
  record Answer(int status, Map<String, String> headers, Buffer body) {
    boolean isGood() {
      return status >= 200 && status <= 299;
    }
  }

  private final int maxBytes;
  private final Excess excess;
  private final Promise<Answer> promise = Promise.promise();
  private final Buffer body = Buffer.buffer();
  private Map<String, String> headers = Map.of();
  private int status;
  private Transport.@Nullable Exchange exchange;
  private Time.@Nullable Timer timer;

  private Question(int maxBytes, Excess excess) {
    this.maxBytes = maxBytes;
    this.excess = excess;
  }

  /// Asks. The future fails with {@link MeshException} only, and completes on the owner loop.
  static Future<Answer> ask(
      Transport transport,
      Time time,
      Transport.Request request,
      int maxBytes,
      Excess excess,
      Duration within) {
    var question = new Question(maxBytes, excess);
    question.timer = time.after(within, () -> question.late(within));
    question.exchange = transport.send(request, question);
    return question.promise.future();
  }

  private void late(Duration within) {
    stop(FailureCode.ENGINE_STALLED, "no answer within " + within.toMillis() + " ms");
  }

  private void stop(FailureCode code, String why) {
    cancel();
    failed(Failure.of(code, Retry.UNSAFE_MAY_HAVE_ACTED, why));
  }

  private void cancel() {
    if (exchange != null) {
      exchange.cancel();
    }
  }

  @Override
  public void head(int answered, Map<String, String> with) {
    status = answered;
    headers = with;
  }

  @Override
  public void chunk(Buffer bytes) {
    int room = maxBytes - body.length();
    if (bytes.length() <= room) {
      body.appendBuffer(bytes);
      return;
    }
    switch (excess) {
      case REFUSE ->
          stop(FailureCode.ENGINE_ERROR, "an answer of more than " + maxBytes + " bytes");
      case CUT -> {
        body.appendBuffer(bytes, 0, room);
        cancel();
        end();
      }
    }
  }

  @Override
  public void end() {
    stopTimer();
    promise.tryComplete(new Answer(status, headers, body));
  }

  @Override
  public void failed(Failure failure) {
    stopTimer();
    promise.tryFail(new MeshException(failure));
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
