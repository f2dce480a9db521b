package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.telemetry.Metrics;
import dev.tutti.telemetry.RequestOutcome;
import dev.tutti.wire.mesh.TaskAssigned;
import dev.tutti.wire.mesh.TaskDone;
import dev.tutti.wire.mesh.TaskEvent;
import dev.tutti.wire.mesh.TaskFailed;
import dev.tutti.wire.mesh.TaskQueued;
import dev.tutti.wire.mesh.ToolCall;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One task's answer on its way to a gRPC client. The last event is `done` or `failed`; the call
/// itself then ends well. Owner loop only.
final class TaskEventStream implements TaskListener<Delta> {
  private static final String LABEL = "grpc";

  private final GrpcServerRequest<Buffer, Buffer> call;
  private final GrpcServerResponse<Buffer, Buffer> response;
  private final Time time;
  private final Metrics metrics;
  private final GatewayLimits limits;
  private final long startNanos;
  private Runnable over = () -> {};
  private String task = "";
  private String finishReason = "";
  private @Nullable TaskHandle handle;
  private Time.@Nullable Timer stalled;
  private boolean assigned;
  private boolean written;
  private boolean ended;

  TaskEventStream(
      GrpcServerRequest<Buffer, Buffer> call, GatewayParts parts, GatewayLimits limits) {
    this.call = call;
    this.response = call.response();
    this.time = parts.time();
    this.metrics = parts.metrics();
    this.limits = limits;
    this.startNanos = parts.time().nanos();
    response.setWriteQueueMaxSize(limits.answers().maxWriteQueueBytes());
    ClientGrpc.onGone(call, this::clientGone);
  }

  /// Runs `action` when nothing more will happen.
  void onOver(Runnable action) {
    over = action;
  }

  /// The task's name.
  void names(TaskId id) {
    task = id.value();
  }

  /// The hold on the task.
  void holds(TaskHandle handle) {
    this.handle = handle;
    if (ended) {
      handle.cancel();
    }
  }

  @Override
  public void queued(int position) {
    send(
        TaskEvent.newBuilder()
            .setQueued(TaskQueued.newBuilder().setTaskId(task).setPosition(position))
            .build());
  }

  @Override
  public void assigned(Assignment assignment) {
    if (!assigned) {
      assigned = true;
      metrics.assigned(assignment.queued());
    }
    send(
        TaskEvent.newBuilder()
            .setAssigned(
                TaskAssigned.newBuilder()
                    .setTaskId(task)
                    .setNode(assignment.node().value())
                    .setBackend(assignment.backend().value())
                    .setModel(assignment.model().value())
                    .setAttempt(assignment.attempt())
                    .setQueueMs(assignment.queued().toMillis())
                    .setWhy(assignment.why())
                    .setSimulated(assignment.simulated()))
            .build());
  }

  @Override
  public boolean event(Delta delta) {
    if (ended) {
      return written;
    }
    switch (delta) {
      case Delta.Content(var text) -> answer(TaskEvent.newBuilder().setContent(text).build());
      case Delta.Reasoning(var text) -> answer(TaskEvent.newBuilder().setReasoning(text).build());
      case Delta.ToolCall(var index, var id, var name, var arguments) ->
          answer(
              TaskEvent.newBuilder()
                  .setToolCall(
                      ToolCall.newBuilder()
                          .setIndex(index)
                          .setId(id)
                          .setName(name)
                          .setArguments(arguments))
                  .build());
      case Delta.Finish(var reason, _) -> finishReason = reason.name().toLowerCase(Locale.ROOT);
      case Delta.Logprobs _,
          Delta.Usage _,
          Delta.Vectors _,
          Delta.Resident _,
          Delta.Seal _,
          Delta.Counted _,
          Delta.Ranking _,
          Delta.Transcript _ -> {
        // These messages have no place for them.
      }
    }
    return written;
  }

  @Override
  public void done(AnswerUsage usage) {
    if (ended) {
      return;
    }
    send(
        TaskEvent.newBuilder()
            .setDone(
                TaskDone.newBuilder()
                    .setFinishReason(finishReason)
                    .setPromptTokens(usage.promptTokens())
                    .setOutputTokens(usage.outputTokens()))
            .build());
    response.end();
    metrics.tokens(usage.promptTokens(), usage.outputTokens());
    finish(RequestOutcome.DONE);
  }

  @Override
  public void failed(Failure failure) {
    if (ended) {
      return;
    }
    send(
        TaskEvent.newBuilder()
            .setFailed(
                TaskFailed.newBuilder()
                    .setCode(failure.code().name().toLowerCase(Locale.ROOT))
                    .setMessage(failure.message())
                    .setMayHaveActed(failure.retry() == Retry.UNSAFE_MAY_HAVE_ACTED)
                    .setRetryAfterMs(failure.retryAfter().toMillis()))
            .build());
    response.end();
    if (written) {
      finish(RequestOutcome.BROKEN);
    } else {
      finish(assigned ? RequestOutcome.FAILED : RequestOutcome.REFUSED);
    }
  }

  private void answer(TaskEvent event) {
    if (!written) {
      written = true;
      metrics.firstToken(sinceStart());
    }
    send(event);
  }

  private void send(TaskEvent event) {
    if (ended) {
      return;
    }
    response.write(Buffer.buffer(event.toByteArray()));
    if (stalled == null && response.writeQueueFull()) {
      slowDown();
    }
  }

  private void slowDown() {
    stalled = time.after(limits.answers().stall(), this::unread);
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

  private void unread() {
    if (!ended) {
      clientGone();
      call.response().cancel();
    }
  }

  void clientGone() {
    if (ended) {
      return;
    }
    if (handle != null) {
      handle.cancel();
    }
    finish(RequestOutcome.CANCELLED);
  }

  private void finish(RequestOutcome outcome) {
    ended = true;
    if (stalled != null) {
      stalled.cancel();
    }
    metrics.requestEnded(LABEL, outcome, sinceStart());
    over.run();
  }

  private Duration sinceStart() {
    return Duration.ofNanos(time.nanos() - startNanos);
  }
}
