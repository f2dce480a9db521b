package dev.tutti.gateway;

import dev.tutti.access.Principal;
import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.dialects.AnswerContext;
import dev.tutti.dialects.AnswerWriter;
import dev.tutti.dialects.AnswerWriters;
import dev.tutti.dialects.AnthropicRequests;
import dev.tutti.dialects.ClientRequest;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.dialects.OllamaRequests;
import dev.tutti.dialects.OpenAiRequests;
import dev.tutti.dialects.RerankRequests;
import dev.tutti.dialects.ResponsesRequests;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskHandle;
import dev.tutti.dispatch.TaskListener;
import dev.tutti.dispatch.TaskType;
import dev.tutti.worklist.Item;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.Worker;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Does longer work as if a client had asked for it un-streamed and waited: the same codecs, the
/// same dispatcher, the same bytes. Owner loop only.
public final class WorkItems implements Worker {
  /// What each endpoint's bodies are read by. All of them answer in JSON.
  private static final Map<String, Function<byte[], ClientRequest>> CODECS =
      Map.ofEntries(
          Map.entry("/v1/chat/completions", OpenAiRequests::chat),
          Map.entry("/v1/completions", OpenAiRequests::completions),
          Map.entry("/v1/embeddings", OpenAiRequests::embeddings),
          Map.entry("/v1/responses", ResponsesRequests::create),
          Map.entry("/v1/rerank", RerankRequests::read),
          Map.entry("/v1/messages", AnthropicRequests::messages),
          Map.entry("/api/chat", OllamaRequests::chat),
          Map.entry("/api/generate", OllamaRequests::generate),
          Map.entry("/api/embed", OllamaRequests::embed),
          Map.entry("/api/embeddings", OllamaRequests::embeddings));

  private final Dispatcher<Work, Delta> dispatcher;
  private final Admission admission;
  private final Time time;
  private final Executor loop;
  private final Executor offLoop;

  /// A worker that gives its work to that dispatcher.
  ///
  /// @param loop runs on the owner's loop
  /// @param offLoop runs what would hold up the loop
  public WorkItems(
      Dispatcher<Work, Delta> dispatcher,
      Admission admission,
      Time time,
      Executor loop,
      Executor offLoop) {
    this.dispatcher = dispatcher;
    this.admission = admission;
    this.time = time;
    this.loop = loop;
    this.offLoop = offLoop;
  }

  /// What reads the bodies of an endpoint, if it carries work that can wait.
  static Optional<Function<byte[], ClientRequest>> codec(String endpoint) {
    return Optional.ofNullable(CODECS.get(endpoint));
  }

  @Override
  public Hold run(Item item, Progress progress) {
    var run = new Run(item, progress);
    if (item.body().length <= GatewayLimits.DEFAULT.bodies().maxInlineParseBytes()) {
      run.begin(run.read());
    } else {
      offLoop.execute(() -> {
        Runnable next = run.read();
        loop.execute(() -> run.begin(next));
      });
    }
    return run;
  }

  /// One item's answer, gathered.
  private final class Run implements TaskListener<Delta>, Hold {
    private final Item item;
    private final Progress progress;
    private @Nullable AnswerWriter writer;
    private @Nullable TaskHandle handle;
    private @Nullable Assignment assignment;
    private boolean over;

    Run(Item item, Progress progress) {
      this.item = item;
      this.progress = progress;
    }

    /// Reads the body; gives what is to be done with it on the loop.
    Runnable read() {
      try {
        ClientRequest request =
            codec(item.endpoint())
                .orElseThrow(() -> Refusals.invalid("endpoint: unknown (expected: one of work)"))
                .apply(item.body());
        return () -> submit(request);
      } catch (MeshException e) {
        return () -> failed(e.failure());
      } catch (RuntimeException | Error e) {
        Failure bug = Faults.bug("codec", item.endpoint(), e);
        return () -> failed(bug);
      }
    }

    void begin(Runnable next) {
      if (over) {
        return;
      }
      try {
        next.run();
      } catch (MeshException e) {
        failed(e.failure());
      } catch (RuntimeException | Error e) {
        failed(Faults.bug("task", item.endpoint(), e));
      }
    }

    private void submit(ClientRequest request) {
      writer =
          AnswerWriters.of(
              request.sketch(),
              false,
              new AnswerContext(
                  item.id().value(),
                  time.now().getEpochSecond(),
                  () -> time.now().toString(),
                  () -> assignment == null ? "" : assignment.model().value()));
      Principal who = admission.holder(item.principal());
      Task<Work> task =
          admission.admit(
              who,
              WorkEndpoint.task(
                  item.id(),
                  item.principal(),
                  wishes().within(who.rights()),
                  request.affinity(),
                  request.work()));
      TaskHandle held = dispatcher.submit(task, this);
      if (over) {
        held.cancel();
      } else {
        handle = held;
      }
    }

    private TaskWishes wishes() {
      Duration left = Duration.between(time.now(), item.expiresAt());
      Duration ttl = left.compareTo(WorkLimits.QUEUE_WAIT) < 0 ? left : WorkLimits.QUEUE_WAIT;
      var kept = item.wishes();
      return new TaskWishes(
          TaskType.of(kept.type()),
          kept.priority(),
          ttl.isNegative() ? Duration.ZERO : ttl,
          kept.node().isEmpty() ? Optional.empty() : Optional.of(new NodeId(kept.node())),
          kept.substitute(),
          kept.local(),
          kept.session(),
          "");
    }

    @Override
    public void queued(int position) {
      // It may wait; nobody is impatient.
    }

    @Override
    public void assigned(Assignment assigned) {
      if (assignment != null && writer != null) {
        writer.restart();
      }
      assignment = assigned;
      progress.started();
    }

    @Override
    public boolean event(Delta delta) {
      if (writer != null && !over) {
        writer.delta(delta);
      }
      return false;
    }

    @Override
    public void done(AnswerUsage usage) {
      if (over || writer == null) {
        return;
      }
      byte[] whole;
      try {
        whole = writer.end();
      } catch (MeshException noEnd) {
        failed(noEnd.failure());
        return;
      }
      over = true;
      progress.ended(new Ending.Answered(writer.contentType(), whole));
    }

    @Override
    public void failed(Failure failure) {
      if (over) {
        return;
      }
      over = true;
      ErrorBodies.ErrorAnswer answer =
          Refusals.of(Surface.of(item.endpoint(), false), failure, item.id().value());
      progress.ended(new Ending.Failed(failure, answer.status(), ErrorBodies.JSON, answer.body()));
    }

    @Override
    public void cancel() {
      if (!over) {
        over = true;
        if (handle != null) {
          handle.cancel();
        }
      }
    }
  }
}
