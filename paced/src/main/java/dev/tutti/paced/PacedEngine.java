package dev.tutti.paced;

import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// A simulated engine behind a real HTTP port. Safe to call from any thread.
public final class PacedEngine {
  /// The largest request body, in bytes.
  public static final int MAX_BODY_BYTES = 256 * 1024 * 1024;

  /// The request header that breaks this one request: `x-paced-fault: cut-after=3`.
  public static final String FAULT_HEADER = "x-paced-fault";

  private static final String LOOPBACK = "127.0.0.1";
  private static final Set<String> WORK_PATHS =
      Set.of(
          "/api/chat",
          "/api/generate",
          "/api/embed",
          "/api/embeddings",
          "/v1/chat/completions",
          "/v1/completions",
          "/v1/embeddings",
          "/v1/messages");

  private final Context loop;
  private final Machine machine;
  private final FaultPlan faults = new FaultPlan();
  private final List<Api> apis;
  private final HttpServer server;
  private final String host;

  private PacedEngine(Vertx vertx, Context loop, Time time, PaceProfile profile, String host) {
    this.loop = loop;
    this.host = host;
    this.machine = new Machine(profile, time);
    this.apis = apis(machine);
    this.server =
        vertx.createHttpServer(
            new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(true));
  }

  /// Starts on a free port of the loopback address.
  public static Future<PacedEngine> start(Vertx vertx, PaceProfile profile) {
    return start(vertx, profile, LOOPBACK, 0);
  }

  /// Starts on this address; port 0 means a free one.
  public static Future<PacedEngine> start(Vertx vertx, PaceProfile profile, String host, int port) {
    Context loop = vertx.getOrCreateContext();
    return start(vertx, loop, new LoopTime(vertx, loop), profile, host, port);
  }

  /// Starts on the calling event loop and on `time`, whose timers run on that loop.
  public static Future<PacedEngine> start(
      Vertx vertx, Time time, PaceProfile profile, String host, int port) {
    Context loop = Vertx.currentContext();
    if (loop == null) {
      throw new IllegalStateException("thread: none of Vert.x (expected: the event loop of time)");
    }
    return start(vertx, loop, time, profile, host, port);
  }

  private static Future<PacedEngine> start(
      Vertx vertx, Context loop, Time time, PaceProfile profile, String host, int port) {
    Promise<PacedEngine> started = Promise.promise();
    loop.runOnContext(_ -> {
      var engine = new PacedEngine(vertx, loop, time, profile, host);
      engine.server.requestHandler(engine::receive);
      engine.server.listen(port, host).<PacedEngine>map(_ -> engine).onComplete(started);
    });
    return started.future();
  }

  /// Where it listens: `http://127.0.0.1:PORT`.
  public String url() {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.actualPort();
  }

  /// What it was made from.
  public PaceProfile profile() {
    return machine.profile();
  }

  /// The engine's own view of its work, now.
  public PacedStats stats() {
    return machine.stats();
  }

  /// Loads a model without a request, as if its owner had warmed it up.
  public void load(ModelName model) {
    loop.runOnContext(_ ->
        machine.models().stream().filter(each -> each.name().equals(model)).forEach(machine::load));
  }

  /// Drops a model from memory.
  public void unload(ModelName model) {
    loop.runOnContext(_ -> machine.residents().unload(model));
  }

  /// Breaks the next `times` requests for inference in this way.
  public void breakNext(Fault fault, int times) {
    loop.runOnContext(_ -> faults.order(fault, times, Set.of(FaultPlan.Target.WORK)));
  }

  /// Stops listening and drops every connection, as a process that dies does.
  public Future<Void> close() {
    return server.close();
  }

  private static List<Api> apis(Machine machine) {
    var server = new ServerApi(machine);
    var openAi = new OpenAiApi(machine);
    var anthropic = new AnthropicApi(machine);
    return switch (machine.profile().kind()) {
      case OLLAMA -> List.of(new OllamaApi(machine), openAi, anthropic);
      case LLAMA_SERVER, VLLM, LM_STUDIO -> List.of(server, openAi, anthropic);
      case OPENAI -> List.of(openAi);
      case ANTHROPIC -> List.of(anthropic);
    };
  }

  private void receive(HttpServerRequest request) {
    request.response().putHeader(Exchange.SIMULATED_HEADER, "true");
    Buffer body = Buffer.buffer();
    request.exceptionHandler(_ -> {});
    request.handler(part -> {
      if (body.length() + part.length() > MAX_BODY_BYTES) {
        request.connection().close();
      } else {
        body.appendBuffer(part);
      }
    });
    request.endHandler(_ -> answer(request, body));
  }

  private void answer(HttpServerRequest request, Buffer body) {
    var plain = new Exchange(request, body, Fault.NONE);
    if (plain.path().startsWith(ControlApi.PREFIX)) {
      refusing(plain, () -> dispatch(plain, List.of(new ControlApi(machine, faults))));
    } else {
      machine.countRequest();
      if (WORK_PATHS.contains(plain.path())) {
        machine.heard(plain.path(), body);
      }
      refusing(plain, () -> route(new Exchange(request, body, faultOf(request, plain.path()))));
    }
  }

  /// Tells the client why its request is refused; `plain` is its exchange without a fault.
  private static void refusing(Exchange plain, Runnable work) {
    try {
      work.run();
    } catch (MeshException refused) {
      plain.error(refused.failure().code().httpStatus(), refused.failure().message());
    } catch (IllegalArgumentException wrong) {
      plain.error(400, String.valueOf(wrong.getMessage()));
    } catch (RuntimeException bug) {
      plain.error(500, "a fault of the simulated engine itself: " + bug);
    }
  }

  private Fault faultOf(HttpServerRequest request, String path) {
    String header = request.getHeader(FAULT_HEADER);
    if (header != null) {
      return Fault.parse(header);
    }
    return faults.next(WORK_PATHS.contains(path) ? FaultPlan.Target.WORK : FaultPlan.Target.PROBE);
  }

  private void route(Exchange exchange) {
    boolean work = WORK_PATHS.contains(exchange.path());
    switch (exchange.fault().kind()) {
      case REFUSE -> exchange.close();
      case RESET -> exchange.reset();
      case STATUS_429 -> {
        exchange.response().putHeader("retry-after", "1");
        exchange.error(429, "too many requests");
      }
      case STATUS_503 -> exchange.error(503, "server busy, please try again");
      case STATUS_500 ->
          exchange.answer(
              500, "text/html", "<html><body><h1>500 Internal Server Error</h1></body></html>");
      case STATUS_502 ->
          exchange.answer(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>");
      case ERROR_200 ->
          exchange.answer(200, exchange.dialect().error(500, "the simulated engine failed"));
      case HANG -> {
        if (work) {
          dispatch(exchange, apis);
        }
      }
      case SLOW_FIRST_BYTE -> {
        if (work) {
          dispatch(exchange, apis);
        } else {
          later(exchange);
        }
      }
      case NONE, STALL_AFTER, CUT_AFTER, GARBAGE_AFTER, ERROR_AFTER -> dispatch(exchange, apis);
      case CLEAN_END_AFTER, WRONG_LENGTH, ENDLESS -> dispatch(exchange, apis);
    }
  }

  private void later(Exchange exchange) {
    var wait = Duration.ofMillis(exchange.fault().argument());
    machine.time().after(wait, () -> refusing(exchange, () -> dispatch(exchange, apis)));
  }

  private static void dispatch(Exchange exchange, List<Api> apis) {
    for (Api api : apis) {
      if (api.handle(exchange)) {
        return;
      }
    }
    exchange.error(404, "no such path: " + exchange.path());
  }
}
