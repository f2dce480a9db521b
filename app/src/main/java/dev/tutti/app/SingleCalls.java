package dev.tutti.app;

import dev.tutti.backends.DirectHttp;
import dev.tutti.backends.Transport;
import dev.tutti.backends.Upload;
import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.gateway.EngineCalls;
import dev.tutti.link.LinkLimits;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Single exchanges with the engines, direct ones and those behind agents. Owner loop only.
///
/// Small bodies are gathered, so that they can be sent once more over a fresh connection. A large
/// one goes to a direct engine as it comes; through an agent's tunnel, whose messages wait in the
/// agent's memory, it is refused.
final class SingleCalls implements EngineCalls {
  /// The largest body that is gathered, in bytes; for an agent's engines the largest at all.
  static final int MAX_GATHERED_BYTES = 16 * 1024 * 1024;

  private final DirectBackends backends;
  private final AgentNodes agents;
  private final Time time;

  SingleCalls(DirectBackends backends, AgentNodes agents, Time time) {
    this.backends = backends;
    this.agents = agents;
    this.time = time;
  }

  @Override
  public Call open(BackendId backend, Request request, Listener listener) {
    boolean large = request.bodyBytes().orElse(Long.MAX_VALUE) > MAX_GATHERED_BYTES;
    var heard = new Heard(listener);
    Optional<DirectHttp> direct = backends.transport(backend);
    if (direct.isPresent()) {
      var asked = asked(request, request.headers(), Buffer.buffer());
      return large
          ? new Streamed(direct.get().upload(asked, request.bodyBytes(), heard))
          : new Gathered(direct.get(), request, request.headers(), heard);
    }
    var headers = new HashMap<>(request.headers());
    if (request.administrator()) {
      headers.put(LinkLimits.ADMINISTRATOR_HEADER, "true");
    }
    return new Gathered(
        agents.single(backend).orElseGet(() -> gone(backend)), request, headers, heard);
  }

  @Override
  public Future<Void> refresh(BackendId backend) {
    // An agent looks at its engines by itself, and tells.
    return backends
        .probe(backend)
        .map(probe -> probe.<Void>mapEmpty().otherwiseEmpty())
        .orElseGet(Future::succeededFuture);
  }

  private Transport gone(BackendId backend) {
    return (_, listener) -> {
      time.after(
          Duration.ZERO,
          () ->
              listener.failed(
                  Failure.of(
                      FailureCode.ENGINE_UNREACHABLE,
                      Retry.SAFE_NOT_STARTED,
                      "the backend " + backend + " is gone")));
      return new NoExchange();
    };
  }

  private static Transport.Request asked(
      Request request, Map<String, String> headers, Buffer body) {
    return new Transport.Request(request.method(), request.path(), headers, body);
  }

  private record Heard(Listener listener) implements Transport.Listener {
    @Override
    public void head(int status, Map<String, String> headers) {
      listener.head(status, headers);
    }

    @Override
    public void chunk(Buffer bytes) {
      listener.chunk(bytes);
    }

    @Override
    public void end() {
      listener.end();
    }

    @Override
    public void failed(Failure failure) {
      listener.failed(failure);
    }
  }

  private record NoExchange() implements Transport.Exchange {
    @Override
    public void cancel() {
      // There is nothing to end.
    }

    @Override
    public void pause() {
      // Nothing comes.
    }

    @Override
    public void resume() {
      // Nothing comes.
    }
  }

  private record Streamed(Upload upload) implements Call {
    @Override
    public Future<Void> write(Buffer piece) {
      return upload.write(piece);
    }

    @Override
    public void end() {
      upload.end();
    }

    @Override
    public void cancel() {
      upload.cancel();
    }

    @Override
    public void pause() {
      upload.pause();
    }

    @Override
    public void resume() {
      upload.resume();
    }
  }

  /// Sends when the whole body is there.
  private final class Gathered implements Call {
    private final Transport transport;
    private final Request request;
    private final Map<String, String> headers;
    private final Transport.Listener listener;
    private final Buffer body = Buffer.buffer();
    private Transport.@Nullable Exchange exchange;
    private boolean over;

    Gathered(
        Transport transport,
        Request request,
        Map<String, String> headers,
        Transport.Listener listener) {
      this.transport = transport;
      this.request = request;
      this.headers = headers;
      this.listener = listener;
      if (request.bodyBytes().isPresent() && request.bodyBytes().getAsLong() > MAX_GATHERED_BYTES) {
        refuse();
      }
    }

    private void refuse() {
      over = true;
      var tooLarge =
          Failure.of(
              FailureCode.TOO_LARGE,
              Retry.POINTLESS,
              "body: too large for an agent's tunnel (expected: at most "
                  + MAX_GATHERED_BYTES
                  + " bytes; send it to the engine on its own machine)");
      time.after(Duration.ZERO, () -> listener.failed(tooLarge));
    }

    @Override
    public Future<Void> write(Buffer piece) {
      if (!over && body.length() + piece.length() > MAX_GATHERED_BYTES) {
        refuse();
      }
      if (!over) {
        body.appendBuffer(piece);
      }
      return Future.succeededFuture();
    }

    @Override
    public void end() {
      if (!over) {
        exchange = transport.send(asked(request, headers, body), listener);
      }
    }

    @Override
    public void cancel() {
      over = true;
      if (exchange != null) {
        exchange.cancel();
      }
    }

    @Override
    public void pause() {
      if (exchange != null) {
        exchange.pause();
      }
    }

    @Override
    public void resume() {
      if (exchange != null) {
        exchange.resume();
      }
    }
  }
}
