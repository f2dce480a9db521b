package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.AnswerContext;
import dev.tutti.dialects.AnswerWriter;
import dev.tutti.dialects.AnswerWriters;
import dev.tutti.dialects.ClientRequest;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.TokenEstimate;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.fleet.Health;
import dev.tutti.telemetry.RequestOutcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Says how many tokens a prompt has. Clients ask before each turn and fail without an answer, so
/// there always is one for a model that exists: an engine's own count when one that can count is
/// free at once, else an estimate, marked as such by a header. It never waits in the queue. Owner
/// loop only.
final class TokenCounting {
  /// How long an engine may take to count.
  static final Duration WITHIN = Duration.ofSeconds(2);

  /// Marks an answer that no engine counted.
  static final String ESTIMATE_HEADER = "x-tutti-estimate";

  /// A count says nothing of itself.
  private static final AnswerContext NOTHING_ELSE = new AnswerContext("", 0, () -> "", () -> "");

  private final GatewayParts parts;

  TokenCounting(GatewayParts parts) {
    this.parts = parts;
  }

  /// Answers the request.
  void count(Exchange exchange, TaskWishes wishes, ClientRequest request, BodyReader reader) {
    if (!(request.work() instanceof Work.TokenCount work)) {
      throw new IllegalArgumentException("work: another kind (expected: a count of tokens)");
    }
    AnswerWriter writer = AnswerWriters.of(request.sketch(), false, NOTHING_ELSE);
    var answer = new Answer(exchange, work, writer, reader);
    if (!anyCanCount(work.model())) {
      answer.estimate();
      return;
    }
    TaskId id = TaskId.random(parts.random());
    Task<Work> task =
        parts
            .admission()
            .licensed(
                exchange.who(),
                WorkEndpoint.task(
                    id, exchange.principal(), wishes.toCount(), request.affinity(), work));
    AnswerHeaders.task(exchange.response(), id);
    answer.holds(parts.dispatcher().submit(task, answer));
  }

  /// Whether an engine that can count holds the model and is well. Which model `auto` will be is
  /// not known yet, and each counts in its own way.
  ///
  /// @throws MeshException `NOT_FOUND` when nobody ever had the model
  private boolean anyCanCount(String model) {
    try {
      ModelLookup.find(parts.fleet().get(), model);
    } catch (MeshException e) {
      if (e.failure().code() != FailureCode.BUSY) {
        throw e;
      }
      return false;
    }
    return MergedModels.of(parts.fleet().get())
        .find(new ModelName(model))
        .map(entry ->
            entry.holders().stream()
                .anyMatch(each -> each.health() == Health.UP && each.facts().kind().countsTokens()))
        .orElse(false);
  }

  /// The one answer to one request, whichever comes first.
  private final class Answer implements TaskListener<Delta> {
    private final Exchange exchange;
    private final Work.TokenCount work;
    private final AnswerWriter writer;
    private final BodyReader reader;
    private final long startNanos = parts.time().nanos();
    private @Nullable TaskHandle handle;
    private Time.@Nullable Timer patience;
    private @Nullable Assignment counter;
    private int counted;
    private boolean over;

    Answer(Exchange exchange, Work.TokenCount work, AnswerWriter writer, BodyReader reader) {
      this.exchange = exchange;
      this.work = work;
      this.writer = writer;
      this.reader = reader;
    }

    /// The hold on the task, which may have ended by now.
    void holds(TaskHandle task) {
      if (over) {
        return;
      }
      handle = task;
      patience = parts.time().after(WITHIN, this::giveUp);
      exchange.onGone(this::gone);
    }

    @Override
    public void queued(int position) {
      // No task without patience waits.
    }

    @Override
    public void assigned(Assignment assignment) {
      counter = assignment;
    }

    @Override
    public boolean event(Delta delta) {
      if (delta instanceof Delta.Counted(var tokens)) {
        counted = tokens;
      }
      return false;
    }

    @Override
    public void done(AnswerUsage usage) {
      if (!over) {
        if (counter != null) {
          AnswerHeaders.assignment(exchange.response(), counter);
        }
        send(counted);
      }
    }

    @Override
    public void failed(Failure failure) {
      if (!over) {
        estimate();
      }
    }

    private void giveUp() {
      if (!over) {
        cancel();
        estimate();
      }
    }

    void estimate() {
      exchange.response().putHeader(ESTIMATE_HEADER, "true");
      send(TokenEstimate.of(work.chat()));
    }

    private void send(int tokens) {
      writer.delta(new Delta.Counted(tokens));
      exchange.send(200, writer.contentType(), writer.end());
      end(RequestOutcome.DONE);
    }

    private void gone() {
      if (!over) {
        cancel();
        end(RequestOutcome.CANCELLED);
      }
    }

    private void cancel() {
      if (handle != null) {
        handle.cancel();
      }
    }

    private void end(RequestOutcome outcome) {
      over = true;
      if (patience != null) {
        patience.cancel();
      }
      reader.release();
      Duration took = Duration.ofNanos(parts.time().nanos() - startNanos);
      parts.metrics().requestEnded(exchange.surface().label(), outcome, took);
    }
  }
}
