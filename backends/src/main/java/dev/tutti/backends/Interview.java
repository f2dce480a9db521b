package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.AnthropicEngine;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.ModelFacts;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One probe: the questions in their order, and when to stop asking. Owner loop only.
///
/// Ollama is asked for first, since only it answers `/api/version`; everybody else has
/// `/v1/models`, whose `owned_by` tells llama-server and vLLM, and whose shape tells a server of
/// Anthropic's API; LM Studio has a list of its own.
final class Interview {
  /// Bytes of a greeting that are looked at.
  static final int MAX_GREETING_BYTES = 4 * 1024;

  /// Larger answers are parsed off the loop, in bytes.
  static final int PARSED_ON_LOOP_BYTES = 64 * 1024;

  private static final String OLLAMA_GREETING = "Ollama is running";
  private static final String LLAMA_SERVER = "llama.cpp";

  private final Prober prober;
  private final Transport transport;
  private final EngineAddress address;
  private final long startNanos;
  private boolean simulated;

  Interview(Prober prober, Transport transport, EngineAddress address, long startNanos) {
    this.prober = prober;
    this.transport = transport;
    this.address = address;
    this.startNanos = startNanos;
  }

  /// Fails with {@link MeshException} when nothing can be said.
  Future<Finding> identify() {
    return ask("GET", "/api/version")
        .compose(answer -> {
          if (prober.isThisHub(answer)) {
            return Future.succeededFuture(new Finding.ThisHub());
          }
          return object(answer).compose(this::afterVersion);
        });
  }

  private Future<Finding> afterVersion(Optional<JsonNode> told) {
    String version = told.map(object -> EngineJson.text(object, "version")).orElse("");
    if (version.isEmpty()) {
      return openAi();
    }
    return greeting().compose(isOllama -> isOllama ? ollama(version) : openAi());
  }

  private Future<Boolean> greeting() {
    return Question.ask(
            transport,
            prober.time(),
            Prober.request("GET", "/"),
            MAX_GREETING_BYTES,
            Question.Excess.CUT,
            left())
        .map(answer ->
            answer.isGood()
                && answer
                    .body()
                    .toString(StandardCharsets.UTF_8)
                    .strip()
                    .startsWith(OLLAMA_GREETING));
  }

  // ---- Ollama

  private Future<Finding> ollama(String version) {
    return required("/api/tags")
        .compose(tags ->
            required("/api/ps")
                .compose(running ->
                    new ShowRound(this, prober.shownByDigest())
                        .complete(OllamaFacts.tags(tags))
                        .map(models -> ollama(version, models, running))));
  }

  private Finding ollama(String version, List<ModelFacts> models, JsonNode running) {
    var loaded = OllamaFacts.loaded(running);
    List<ModelFacts> all =
        models.stream()
            .map(model ->
                OllamaFacts.with(model, loaded.getOrDefault(model.name(), ModelFacts.Loaded.NOT)))
            .toList();
    return found(BackendKind.OLLAMA, version, 0, all);
  }

  // ---- everybody else

  private Future<Finding> openAi() {
    return ask("GET", "/v1/models").compose(this::afterModels);
  }

  private Future<Finding> afterModels(Question.Answer answer) {
    if (prober.isThisHub(answer)) {
      return Future.succeededFuture(new Finding.ThisHub());
    }
    return switch (answer.status()) {
      case 503 -> Future.failedFuture(new MeshException(Prober.loading()));
      case 401, 403 -> Future.failedFuture(new MeshException(wantsKey(answer.status())));
      case 400 -> anthropicIfItAsks(answer);
      default ->
          object(answer)
              .compose(told ->
                  told.filter(OpenAiFacts::isModelList)
                      .map(list -> byOwner(answer, list))
                      .orElseGet(this::noEngine));
    };
  }

  /// A server of Anthropic's API may want its version named. Only who refuses in its words is asked
  /// so: others would answer in its shape out of courtesy, and be mistaken for one.
  private Future<Finding> anthropicIfItAsks(Question.Answer refusal) {
    Buffer words = refusal.body();
    boolean asks =
        words.length() <= PARSED_ON_LOOP_BYTES
            && EngineJson.object(words.getBytes())
                .filter(OpenAiFacts::isAnthropicError)
                .isPresent();
    if (!asks) {
      return noEngine();
    }
    var headers = Map.of("anthropic-version", AnthropicEngine.VERSION);
    return ask(new Transport.Request("GET", "/v1/models", headers, Buffer.buffer()))
        .compose(this::object)
        .compose(told ->
            told.filter(OpenAiFacts::isAnthropic).map(this::anthropic).orElseGet(this::noEngine));
  }

  private Future<Finding> anthropic(JsonNode list) {
    return Future.succeededFuture(found(BackendKind.ANTHROPIC, "", 0, OpenAiFacts.anthropic(list)));
  }

  private Future<Finding> byOwner(Question.Answer answer, JsonNode list) {
    if (OpenAiFacts.isLlamaServer(list) || LLAMA_SERVER.equals(answer.headers().get("server"))) {
      return required("/props").compose(props -> llamaServer(list, props));
    }
    if (OpenAiFacts.isVllm(list)) {
      return optional("/version")
          .map(told ->
              found(
                  BackendKind.VLLM,
                  told.map(object -> EngineJson.text(object, "version")).orElse(""),
                  0,
                  OpenAiFacts.vllm(list)));
    }
    if (OpenAiFacts.isAnthropic(list)) {
      return anthropic(list);
    }
    return lmStudio("/api/v1/models")
        .compose(
            newer -> newer.isPresent() ? Future.succeededFuture(newer) : lmStudio("/api/v0/models"))
        .map(models ->
            models
                .map(known -> found(BackendKind.LM_STUDIO, "", 0, known))
                .orElseGet(() -> found(BackendKind.OPENAI, "", 0, OpenAiFacts.plain(list))));
  }

  private Future<Optional<List<ModelFacts>>> lmStudio(String path) {
    return optional(path).map(told -> told.flatMap(OpenAiFacts::lmStudio));
  }

  private Future<Finding> llamaServer(JsonNode list, JsonNode props) {
    return embeds(props)
        .map(embeds ->
            found(
                BackendKind.LLAMA_SERVER,
                EngineJson.text(props, "build_info"),
                Math.min(EngineJson.count(props, "total_slots"), EngineAddress.MAX_SLOTS),
                OpenAiFacts.llamaServer(list, props, embeds)));
  }

  /// No list says whether a llama-server was started to embed; an empty request does: 501 when it
  /// was not. Asked once in the life of its process, which puts a word of its own into
  /// `media_marker` each time; and not while it sleeps, because a request would wake it.
  private Future<OpenAiFacts.Embeds> embeds(JsonNode props) {
    String marker = EngineJson.text(props, "media_marker");
    String process = address.url() + " " + marker + " " + EngineJson.text(props, "model_path");
    OpenAiFacts.Embeds known = prober.embedsByProcess().get(process);
    boolean sleeps = EngineJson.isSet(props, "is_sleeping");
    if (known != null && (sleeps || !marker.isEmpty())) {
      return Future.succeededFuture(known);
    }
    if (sleeps) {
      return Future.succeededFuture(OpenAiFacts.Embeds.UNKNOWN);
    }
    return ask(post("/v1/embeddings", "{}"))
        .map(answer -> {
          var embeds =
              switch (answer.status()) {
                case 200, 400 -> OpenAiFacts.Embeds.YES;
                case 501 -> OpenAiFacts.Embeds.NO;
                default -> OpenAiFacts.Embeds.UNKNOWN;
              };
          prober.embedsByProcess().put(process, embeds);
          return embeds;
        });
  }

  private Future<Finding> noEngine() {
    return Future.succeededFuture(
        new Finding.NoEngine(address.url() + " answers, but not as an engine we know"));
  }

  private Finding found(BackendKind kind, String version, int slots, List<ModelFacts> models) {
    return new Finding.Found(new BackendFacts(kind, version, slots, models, simulated));
  }

  // ---- asking

  static Transport.Request post(String path, String json) {
    return new Transport.Request(
        "POST", path, Map.of("content-type", "application/json"), Buffer.buffer(json));
  }

  private Future<Question.Answer> ask(String method, String path) {
    return ask(Prober.request(method, path));
  }

  Future<Question.Answer> ask(Transport.Request request) {
    if (!hasTime()) {
      return Future.failedFuture(new MeshException(tooLong()));
    }
    return Question.ask(
            transport, prober.time(), request, EngineJson.MAX_BYTES, Question.Excess.REFUSE, left())
        .map(answer -> {
          simulated |= "true".equals(answer.headers().get(Prober.SIMULATED_HEADER));
          return answer;
        });
  }

  boolean hasTime() {
    return left().isPositive();
  }

  private Duration left() {
    var spent = Duration.ofNanos(prober.time().nanos() - startNanos);
    var left = Prober.PROBE_WITHIN.minus(spent);
    return left.compareTo(Prober.REQUEST_WITHIN) < 0 ? left : Prober.REQUEST_WITHIN;
  }

  /// The JSON object of a good answer to a question that this kind of engine must answer.
  private Future<JsonNode> required(String path) {
    return optional(path)
        .compose(told ->
            told.map(Future::succeededFuture)
                .orElseGet(() -> Future.failedFuture(new MeshException(garbled(path)))));
  }

  private Future<Optional<JsonNode>> optional(String path) {
    return ask("GET", path).compose(this::object);
  }

  Future<Optional<JsonNode>> object(Question.Answer answer) {
    if (!answer.isGood()) {
      return Future.succeededFuture(Optional.empty());
    }
    byte[] bytes = answer.body().getBytes();
    if (bytes.length <= PARSED_ON_LOOP_BYTES) {
      return Future.succeededFuture(EngineJson.object(bytes));
    }
    return prober
        .vertx()
        .executeBlocking(() -> EngineJson.object(bytes).orElse(null), false)
        .map(Optional::ofNullable);
  }

  private static Failure tooLong() {
    return Failure.of(
        FailureCode.ENGINE_STALLED,
        Retry.UNSAFE_MAY_HAVE_ACTED,
        "the probe was not done within " + Prober.PROBE_WITHIN.toSeconds() + " s");
  }

  private static Failure garbled(String path) {
    return Failure.of(
        FailureCode.ENGINE_ERROR, Retry.UNSAFE_MAY_HAVE_ACTED, path + " gave no JSON object");
  }

  private static Failure wantsKey(int status) {
    return new Failure(
        FailureCode.FORBIDDEN,
        Retry.POINTLESS,
        "the engine wants a key that we do not have",
        status,
        Duration.ZERO);
  }
}
