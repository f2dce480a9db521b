package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.AnswerWriter;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Seam;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Continuable;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.dispatch.WaitEstimate;
import dev.tutti.telemetry.Metrics;
import dev.tutti.telemetry.RequestOutcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One task's answer on its way to an HTTP client: writes what the dialect's writer makes of the
/// deltas, slows the engine down to the client's pace, tells a client that waits for long that its
/// answer is still coming, and ends the task when the client goes away. Owner loop only.
final class AnswerStream implements TaskListener<Delta>, Continuable<Work> {
  private final Exchange exchange;
  private final AnswerWriter writer;
  private final Time time;
  private final Metrics metrics;
  private final GatewayLimits.Answers limits;
  private final Runnable over;
  private final long startNanos;
  private final TaskId task;
  private final Silence silence;
  private final Seam seam;
  private final long heldBytes;
  private @Nullable TaskHandle handle;
  private @Nullable WaitEstimate expected;
  private @Nullable Assignment assignment;
  private Time.@Nullable Timer stalled;
  private Time.@Nullable Timer nextSign;

  /// Whether status and headers are out. The answer may still come from another engine.
  private boolean begun;

  /// Whether something of the answer itself is out.
  private boolean written;

  /// Whether the client has gone and the answer is made for others.
  private boolean left;

  private boolean ended;

  /// @param heldBytes what is held in memory for the request
  /// @param over told once when nothing more will happen, however it ended
  AnswerStream(
      Exchange exchange,
      Task<Work> task,
      AnswerWriter writer,
      GatewayParts parts,
      GatewayLimits.Answers limits,
      long heldBytes,
      Runnable over) {
    this.exchange = exchange;
    this.task = task.id();
    this.writer = writer;
    this.time = parts.time();
    this.metrics = parts.metrics();
    this.limits = limits;
    this.heldBytes = heldBytes;
    this.over = over;
    this.startNanos = parts.time().nanos();
    this.silence = new Silence(limits, task.ttl());
    this.seam = Seam.of(task.work(), writer.streams());
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
    silence.waits(time.nanos());
    awaitSign();
  }

  @Override
  public void queued(int position, WaitEstimate expected) {
    this.expected = expected;
    queued(position);
  }

  @Override
  public long heldBytes() {
    return heldBytes;
  }

  @Override
  public void waitsAgain() {
    silence.waits(time.nanos());
    awaitSign();
  }

  @Override
  public void assigned(Assignment assignment) {
    if (this.assignment == null) {
      metrics.assigned(assignment.queued());
    } else if (!written) {
      writer.restart();
      seam.restart();
    }
    runs(assignment);
  }

  @Override
  public Optional<Rest<Work>> rest() {
    Delta.Usage cost = seam.cost();
    var given =
        new AnswerUsage(
            cost.promptTokens(),
            cost.cachedTokens(),
            cost.outputTokens(),
            cost.loadNanos(),
            cost.promptNanos(),
            cost.outputNanos());
    return ended ? Optional.empty() : seam.rest().map(work -> new Rest<>(work, given));
  }

  @Override
  public void continued(Assignment assignment) {
    seam.continued();
    runs(assignment);
  }

  private void runs(Assignment assignment) {
    this.assignment = assignment;
    silence.runs(time.nanos());
    awaitSign();
  }

  @Override
  public boolean mayBeDoneTwice() {
    return exchange.asked() != null;
  }

  @Override
  public boolean event(Delta delta) {
    if (ended) {
      return written;
    }
    silence.engineSpoke(time.nanos());
    byte[] bytes = writer.delta(seam.take(delta));
    if (bytes.length == 0 || !writer.streams()) {
      return written;
    }
    if (!written) {
      written = true;
      metrics.firstToken(sinceStart());
    }
    if (!begun) {
      head();
      begin();
    }
    write(bytes);
    return written;
  }

  @Override
  public void done(AnswerUsage usage) {
    if (ended) {
      return;
    }
    byte[] last;
    try {
      last = writer.end();
    } catch (MeshException noEnd) {
      failed(noEnd.failure());
      return;
    }
    if (begun) {
      Recording recording = exchange.recording();
      if (recording != null) {
        recording.piece(last);
        recording.end();
      }
      if (!left) {
        exchange.response().end(Buffer.buffer(last));
      }
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
    if (begun) {
      byte[] lastWords = writer.error(failure);
      Recording recording = exchange.recording();
      if (recording != null) {
        recording.broken(lastWords, limits);
      }
      if (!left) {
        Severing.severAfter(exchange.request(), lastWords, time, limits);
      }
    } else {
      head();
      exchange.fail(failure);
    }
    finish(written ? RequestOutcome.BROKEN : outcomeOf(failure));
  }

  /// Sends status and headers, which cannot be taken back.
  private void begin() {
    begun = true;
    HttpServerResponse response = exchange.response();
    exchange.common();
    response.putHeader("content-type", writer.contentType());
    response.putHeader("cache-control", "no-cache");
    // Reverse proxies that gather answers are asked not to.
    response.putHeader("x-accel-buffering", "no");
    response.setChunked(Severing.chunks(exchange.request()));
    response.setWriteQueueMaxSize(limits.maxWriteQueueBytes());
    Recording recording = exchange.recording();
    if (recording != null) {
      recording.head(response.getStatusCode(), response);
    }
  }

  private void write(byte[] bytes) {
    HttpServerResponse response = exchange.response();
    Recording recording = exchange.recording();
    if (recording != null) {
      recording.piece(bytes);
    }
    silence.wrote(time.nanos());
    if (left) {
      return;
    }
    response.write(Buffer.buffer(bytes));
    if (stalled == null && response.writeQueueFull()) {
      slowDown(response);
    }
  }

  // ---- signs of life

  private void awaitSign() {
    if (nextSign != null) {
      nextSign.cancel();
    }
    OptionalLong due = silence.due();
    if (!ended && due.isPresent()) {
      nextSign = time.after(Duration.ofNanos(due.getAsLong() - time.nanos()), this::sign);
    }
  }

  /// Says that the answer is still coming if it is time for that. The timer is not moved by each
  /// piece, which would cost more than it tells, so it often comes too early.
  private void sign() {
    OptionalLong due = silence.due();
    if (ended || due.isEmpty()) {
      return;
    }
    if (time.nanos() - due.getAsLong() >= 0) {
      if (!begun) {
        // Who answers may still change; the task's document tells it at any time.
        AnswerHeaders.task(exchange.response(), task);
        if (expected != null) {
          AnswerHeaders.expected(exchange.response(), expected);
        }
        begin();
      }
      if (!left && exchange.response().writeQueueFull()) {
        silence.wrote(time.nanos());
      } else {
        write(writer.keepAlive());
      }
    }
    awaitSign();
  }

  // ---- the client's pace

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

  /// An answer that is kept may still be asked for again.
  private void clientGone() {
    if (ended || left) {
      return;
    }
    Recording recording = exchange.recording();
    if (recording == null) {
      abandon();
      return;
    }
    left = true;
    if (stalled != null) {
      stalled.cancel();
      stalled = null;
      if (handle != null) {
        handle.resume();
      }
    }
    recording.ownerLeft(this::abandon);
  }

  private void abandon() {
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
    if (expected != null) {
      AnswerHeaders.expected(exchange.response(), expected);
    }
    if (assignment != null) {
      AnswerHeaders.assignment(exchange.response(), assignment);
    }
  }

  private void finish(RequestOutcome outcome) {
    ended = true;
    if (stalled != null) {
      stalled.cancel();
    }
    if (nextSign != null) {
      nextSign.cancel();
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
