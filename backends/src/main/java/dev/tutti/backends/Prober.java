package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Finds out what listens at an address, and whether it still lives. Owner loop only; one serves
/// all backends of a loop.
///
/// An engine is told by its fingerprint, never by its port. Every answer is bounded in size and
/// time. The futures it gives never fail, and complete on the owner loop.
public final class Prober {
  /// One question at most.
  public static final Duration REQUEST_WITHIN = Duration.ofSeconds(2);

  /// A whole probe at most.
  public static final Duration PROBE_WITHIN = Duration.ofSeconds(5);

  /// Questions about single models that are under way at a time, at most.
  public static final int MAX_SHOWS_AT_A_TIME = 4;

  /// Models whose answers are remembered by their digest; the longest unused are forgotten first.
  public static final int MAX_REMEMBERED = 4_096;

  /// A hub puts its own name there in its answers.
  public static final String HUB_HEADER = "x-tutti-hub";

  /// A simulated engine sets it to `true` in its answers.
  public static final String SIMULATED_HEADER = "x-tutti-simulated";

  private final Vertx vertx;
  private final Time time;
  private final String hubId;
  private final Map<String, OllamaFacts.Shown> shownByDigest = new Recent<>();
  private final Map<String, OpenAiFacts.Embeds> embedsByProcess = new Recent<>();

  /// A prober that has seen nothing yet.
  ///
  /// @param vertx parses large answers off the loop
  /// @param time of the owner loop
  /// @param hubId the name of this hub, to know itself by
  public Prober(Vertx vertx, Time time, String hubId) {
    this.vertx = vertx;
    this.time = time;
    this.hubId = hubId;
  }

  /// Finds out what is there and, if it is an engine, everything about it.
  public Future<Finding> probe(Transport transport, EngineAddress address) {
    var interview = new Interview(this, transport, address, time.nanos());
    return interview.identify().otherwise(Prober::unavailable).map(Prober::checked);
  }

  private static Finding unavailable(Throwable cause) {
    return new Finding.Unavailable(failure(cause));
  }

  /// A model family of that name says it too, for those who cannot set a header.
  private static Finding checked(Finding finding) {
    if (finding instanceof Finding.Found(BackendFacts facts)
        && !facts.simulated()
        && facts.models().stream()
            .anyMatch(model -> "simulated".equals(model.details().get("family")))) {
      return new Finding.Found(
          new BackendFacts(facts.kind(), facts.version(), facts.slots(), facts.models(), true));
    }
    return finding;
  }

  private static Failure failure(Throwable cause) {
    if (cause instanceof MeshException told) {
      return told.failure();
    }
    return Failure.of(
        FailureCode.INTERNAL,
        Retry.UNSAFE_MAY_HAVE_ACTED,
        "the probe failed by a fault of ours: " + cause.getClass().getSimpleName());
  }

  /// Asks an engine of a known kind whether it is well, as cheaply as it allows.
  ///
  /// @return empty when it is well
  public Future<Optional<Failure>> health(Transport transport, BackendKind kind) {
    var question =
        switch (kind) {
          case OLLAMA -> request("HEAD", "/");
          case LLAMA_SERVER, VLLM -> request("GET", "/health");
          case LM_STUDIO, OPENAI, ANTHROPIC -> request("HEAD", "/v1/models");
        };
    return Question.ask(
            transport,
            time,
            question,
            Interview.MAX_GREETING_BYTES,
            Question.Excess.CUT,
            REQUEST_WITHIN)
        .map(answer -> judge(kind, answer.status()))
        .otherwise(cause -> Optional.of(failure(cause)));
  }

  private static Optional<Failure> judge(BackendKind kind, int status) {
    return switch (kind) {
      case OLLAMA -> status == 200 ? Optional.empty() : Optional.of(sick(status));
      case LLAMA_SERVER ->
          switch (status) {
            case 200 -> Optional.empty();
            case 503 -> Optional.of(loading());
            default -> Optional.of(sick(status));
          };
      case VLLM -> status == 200 ? Optional.empty() : Optional.of(sick(status));
      // Some servers do not know HEAD; whoever refuses a request is alive.
      case LM_STUDIO, OPENAI, ANTHROPIC ->
          switch (status) {
            case 503 -> Optional.of(loading());
            case 508 -> Optional.of(sick(status));
            default -> status < 500 || status == 501 ? Optional.empty() : Optional.of(sick(status));
          };
    };
  }

  static Failure loading() {
    return new Failure(
        FailureCode.ENGINE_BUSY,
        Retry.SAFE_NOT_STARTED,
        "the engine is loading",
        503,
        Duration.ZERO);
  }

  /// Not an error of one request: the engine itself says that it is not well.
  private static Failure sick(int status) {
    return new Failure(
        FailureCode.ENGINE_ERROR,
        Retry.UNSAFE_MAY_HAVE_ACTED,
        "the engine answers its health check with status " + status,
        status,
        Duration.ZERO);
  }

  static Transport.Request request(String method, String path) {
    return new Transport.Request(method, path, Map.of(), Buffer.buffer());
  }

  Vertx vertx() {
    return vertx;
  }

  Time time() {
    return time;
  }

  boolean isThisHub(Question.Answer answer) {
    return answer.status() == FailureCode.LOOP.httpStatus()
        || hubId.equals(answer.headers().get(HUB_HEADER));
  }

  /// What was shown of models, by their digest: the same content is the same everywhere.
  Map<String, OllamaFacts.Shown> shownByDigest() {
    return shownByDigest;
  }

  /// Whether a llama-server embeds, by what names its process.
  Map<String, OpenAiFacts.Embeds> embedsByProcess() {
    return embedsByProcess;
  }

  /// A map that forgets what was unused for longest.
  private static final class Recent<V> extends LinkedHashMap<String, V> {
    private static final long serialVersionUID = 1L;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > MAX_REMEMBERED;
    }
  }
}
