package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.AnswerWriter;
import dev.tutti.dialects.Delta;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.telemetry.Metrics;
import dev.tutti.telemetry.RequestOutcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One task's answer on its way to an HTTP client: writes what the dialect's writer makes of the
/// deltas, slows the engine down to the client's pace, and ends the task when the client goes away.
/// Owner loop only.
final class AnswerStream implements TaskListener<Delta> {
  private final Exchange exchange;
  private final AnswerWriter writer;
  private final Time time;
  private final Metrics metrics;
  private final GatewayLimits limits;
  private final Runnable over;
  private final long startNanos;
  private final TaskId task;
  private @Nullable TaskHandle handle;
  private @Nullable Assignment assignment;
  private Time.@Nullable Timer stalled;
  private boolean written;
  private boolean ended;

  /// @param over told once when nothing more will happen, however it ended
  AnswerStream(
      Exchange exchange,
      TaskId task,
      AnswerWriter writer,
      GatewayParts parts,
      GatewayLimits limits,
      Runnable over) {
    this.exchange = exchange;
    this.task = task;
    this.writer = writer;
    this.time = parts.time();
    this.metrics = parts.metrics();
    this.limits = limits;
    this.over = over;
    this.startNanos = parts.time().nanos();
  }

  /// The hold on the task; from now on a client that leaves ends it.
  void holds(TaskHandle handle) {
    this.handle = handle;
    exchange.onGone(this::clientGone);
  }

  /// The model that really answers, the empty text before that is known.
  String answeredModel() {
    return assignment == null ? "" : assignment.model().value();
  }

  @Override
  public void queued(int position) {
    // Nothing is written yet: a status once sent could not be taken back.
  }

  @Override
  public void assigned(Assignment assignment) {
    if (this.assignment == null) {
      metrics.assigned(assignment.queued());
    } else if (!written) {
      writer.restart();
    }
    this.assignment = assignment;
  }

  @Override
  public boolean event(Delta delta) {
    if (ended) {
      return written;
    }
    byte[] bytes = writer.delta(delta);
    if (bytes.length == 0 || !writer.streams()) {
      return written;
    }
    write(bytes);
    return written;
  }

  @Override
  public void done(AnswerUsage usage) {
    if (ended) {
      return;
    }
    byte[] last = writer.end();
    if (written) {
      exchange.response().end(Buffer.buffer(last));
    } else {
      head();
      exchange.send(200, writer.contentType(), last);
    }
    metrics.tokens(usage.promptTokens(), usage.outputTokens());
    finish(RequestOutcome.DONE);
  }

  @Override
  public void failed(Failure failure) {
    if (ended) {
      return;
    }
    if (!written) {
      head();
      exchange.fail(failure);
      finish(outcomeOf(failure));
      return;
    }
    exchange.response().write(Buffer.buffer(writer.error(failure)));
    exchange.sever();
    finish(RequestOutcome.BROKEN);
  }

  private void write(byte[] bytes) {
    HttpServerResponse response = exchange.response();
    if (!written) {
      written = true;
      metrics.firstToken(sinceStart());
      head();
      exchange.common();
      response.putHeader("content-type", writer.contentType());
      response.putHeader("cache-control", "no-cache");
      // Reverse proxies that gather answers are asked not to.
      response.putHeader("x-accel-buffering", "no");
      response.setChunked(Severing.chunks(exchange.request()));
      response.setWriteQueueMaxSize(limits.maxWriteQueueBytes());
    }
    response.write(Buffer.buffer(bytes));
    if (stalled == null && response.writeQueueFull()) {
      slowDown(response);
    }
  }

  private void slowDown(HttpServerResponse response) {
    stalled = time.after(limits.stall(), this::unread);
    if (handle != null) {
      handle.pause();
    }
    response.drainHandler(_ -> {
      if (stalled != null) {
        stalled.cancel();
        stalled = null;
      }
      if (handle != null && !ended) {
        handle.resume();
      }
    });
  }

  /// The client left its answer unread for too long.
  private void unread() {
    if (!ended) {
      clientGone();
      exchange.sever();
    }
  }

  private void clientGone() {
    if (ended) {
      return;
    }
    if (handle != null) {
      handle.cancel();
    }
    finish(RequestOutcome.CANCELLED);
  }

  private void head() {
    AnswerHeaders.task(exchange.response(), task);
    if (assignment != null) {
      AnswerHeaders.assignment(exchange.response(), assignment);
    }
  }

  private void finish(RequestOutcome outcome) {
    ended = true;
    if (stalled != null) {
      stalled.cancel();
    }
    metrics.requestEnded(exchange.surface().label(), outcome, sinceStart());
    over.run();
  }

  private Duration sinceStart() {
    return Duration.ofNanos(time.nanos() - startNanos);
  }

  private RequestOutcome outcomeOf(Failure failure) {
    boolean neverBegan = assignment == null && failure.code() != FailureCode.INTERNAL;
    return neverBegan ? RequestOutcome.REFUSED : RequestOutcome.FAILED;
  }
}
