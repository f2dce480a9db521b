package dev.tutti.backends;

import dev.tutti.core.MeshException;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.AttemptListener;
import dev.tutti.dispatch.Engine;
import dev.tutti.dispatch.Task;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// An engine that speaks HTTP, whoever carries it: a dialect says what is sent and what the answer
/// means, a {@link Transport} brings it there and back. Owner loop only.
///
/// The model asked of the engine is the task's `model`: whoever starts the attempt has put the
/// chosen model there.
public final class HttpEngine implements Engine<Work, Delta> {
  /// An engine that sends nothing for so long has stalled. As long as that because loading a large
  /// model from a slow disk and reading a long prompt on a small machine take minutes.
  public static final Duration SILENCE_LIMIT = Duration.ofMinutes(10);

  /// The body of a refusal that is not there by then is not waited for.
  public static final Duration REFUSAL_WITHIN = Duration.ofSeconds(2);

  private final Transport transport;
  private final EngineDialect dialect;
  private final Credits credits;
  private final Time time;
  private final ModelMemory memory;

  /// An engine whose memory nobody looks after.
  ///
  /// @param credits who gives slots back
  /// @param time of the owner loop
  public HttpEngine(Transport transport, EngineDialect dialect, Credits credits, Time time) {
    this(transport, dialect, credits, time, ModelMemory.AS_ASKED);
  }

  /// An engine behind that transport.
  ///
  /// @param credits who gives slots back
  /// @param time of the owner loop
  /// @param memory what decides how it holds its models
  public HttpEngine(
      Transport transport, EngineDialect dialect, Credits credits, Time time, ModelMemory memory) {
    this.transport = transport;
    this.dialect = dialect;
    this.credits = credits;
    this.time = time;
    this.memory = memory;
  }

  @Override
  public String terms(Task<Work> task) {
    return memory.judge(task.work(), task.model()).why();
  }

  @Override
  public Attempt start(Task<Work> task, AttemptListener<Delta> listener) {
    credits.taken();
    Work work = task.work();
    ModelMemory.Verdict verdict = memory.judge(work, task.model());
    var attempt = new HttpAttempt(dialect.reader(work), listener, credits, time);
    if (verdict.refusal().isPresent()) {
      attempt.refuse(verdict.refusal().get());
      return attempt;
    }
    EngineDialect.EngineCall call;
    try {
      call = call(work, task.model().value(), verdict);
    } catch (MeshException cannotSay) {
      attempt.refuse(cannotSay.failure());
      return attempt;
    }
    var request =
        new Transport.Request(
            call.method(), call.path(), headers(call, task.hops()), Buffer.buffer(call.body()));
    // A tunnel's slot is spent by sending: there it cannot be put off.
    boolean now = credits instanceof Credits.ByTransport;
    if (now) {
      attempt.begin(transport.send(request, attempt));
    }
    Runnable send =
        () -> {
          if (!now) {
            attempt.begin(transport.send(request, attempt));
          }
        };
    attempt.using(memory.begin(work, task.model(), verdict, send));
    return attempt;
  }

  private EngineDialect.EngineCall call(Work work, String model, ModelMemory.Verdict verdict) {
    return verdict
        .load()
        .map(load -> dialect.call(work, model, load))
        .orElseGet(() -> dialect.call(work, model));
  }

  private static Map<String, String> headers(EngineDialect.EngineCall call, String hops) {
    if (hops.isEmpty()) {
      return call.headers();
    }
    var headers = new HashMap<>(call.headers());
    headers.put(DirectHttp.HOP_HEADER, hops);
    return headers;
  }
}
