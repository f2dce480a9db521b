package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.dialects.ErrorBodies;
import dev.tutti.fleet.BackendView;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One exchange between a client and one engine, passed through as it comes: the engine's status,
/// its body piece by piece at the client's pace, and the client's body at the engine's. There is no
/// limit on its length in time or bytes, only on silence. Owner loop only.
final class EngineRelay implements EngineCalls.Listener {
  /// The longest silence of an engine that reports its progress.
  static final Duration SILENCE = Duration.ofMinutes(10);

  /// The longest silence of an engine that was told to answer once, at the end.
  static final Duration WHOLE_SILENCE = Duration.ofHours(6);

  /// How long an answer's end waits until the lists show what it has changed.
  static final Duration REFRESHED_WITHIN = Duration.ofSeconds(2);

  private static final String NDJSON = "application/x-ndjson";

  private final Exchange exchange;
  private final GatewayLimits limits;
  private final Time time;
  private final BackendView backend;
  private final EngineCalls engines;
  private final Duration silence;
  private final boolean changes;
  private EngineCalls.@Nullable Call call;
  private Time.@Nullable Timer timer;
  private boolean headWritten;
  private boolean uploading;
  private boolean over;

  /// @param silence the longest that the engine may say nothing
  /// @param changes whether the engine's models may be others afterwards
  EngineRelay(
      Exchange exchange,
      GatewayParts parts,
      GatewayLimits limits,
      BackendView backend,
      Duration silence,
      boolean changes) {
    this.exchange = exchange;
    this.limits = limits;
    this.time = parts.time();
    this.engines = parts.engines();
    this.backend = backend;
    this.silence = silence;
    this.changes = changes;
  }

  /// Asks with a body that is there.
  void ask(EngineCalls.Request request, Buffer body) {
    EngineCalls.Call begun = open(request);
    if (body.length() > 0) {
      begun.write(body);
    }
    begun.end();
    arm(silence);
  }

  /// Asks with the client's own body, as it comes.
  void upload(EngineCalls.Request request) {
    HttpServerRequest source = exchange.request();
    uploading = true;
    EngineCalls.Call begun = open(request);
    source.handler(piece -> {
      if (over) {
        return;
      }
      source.pause();
      arm(silence);
      begun
          .write(piece)
          .onSuccess(_ -> {
            if (!over) {
              arm(limits.bodies().idle());
              source.resume();
            }
          });
    });
    source.endHandler(_ -> {
      uploading = false;
      if (!over) {
        arm(silence);
        begun.end();
      }
    });
    arm(limits.bodies().idle());
    if (exchange.header("expect").filter(e -> e.equalsIgnoreCase("100-continue")).isPresent()) {
      source.response().writeContinue();
    }
  }

  private EngineCalls.Call open(EngineCalls.Request request) {
    EngineCalls.Call begun = engines.open(backend.id(), request, this);
    call = begun;
    exchange.onGone(() -> {
      if (!over) {
        finish();
        begun.cancel();
        if (changes) {
          // What was under way may have come to its end.
          engines.refresh(backend.id());
        }
      }
    });
    return begun;
  }

  @Override
  public void head(int status, Map<String, String> headers) {
    if (over) {
      return;
    }
    HttpServerResponse response = exchange.response();
    response.setStatusCode(status < 200 || status > 599 ? 502 : status);
    response.putHeader("content-type", contentType(headers.getOrDefault("content-type", "")));
    response.putHeader("x-tutti-node", AnswerHeaders.fit(backend.node().value()));
    response.putHeader("x-tutti-backend", AnswerHeaders.fit(backend.id().value()));
    if (backend.facts().simulated()) {
      response.putHeader("x-tutti-simulated", "true");
    }
    if (uploading) {
      lastOnItsConnection();
    }
    exchange.common();
    response.setWriteQueueMaxSize(limits.answers().maxWriteQueueBytes());
    headWritten = true;
    if (!uploading) {
      arm(silence);
    }
  }

  /// Of the sorts of content that an engine of this dialect has; anything else that a browser could
  /// take for a page is none of them.
  private static String contentType(String said) {
    return said.regionMatches(true, 0, NDJSON, 0, NDJSON.length()) ? NDJSON : ErrorBodies.JSON;
  }

  @Override
  public void chunk(Buffer bytes) {
    HttpServerResponse response = exchange.response();
    if (over || exchange.isOver() || exchange.request().method().equals(HttpMethod.HEAD)) {
      return;
    }
    chunked();
    response.write(bytes);
    arm(silence);
    if (response.writeQueueFull() && call != null) {
      EngineCalls.Call waiting = call;
      waiting.pause();
      arm(limits.answers().stall());
      response.drainHandler(_ -> {
        if (!over) {
          arm(silence);
          waiting.resume();
        }
      });
    }
  }

  @Override
  public void end() {
    if (over) {
      return;
    }
    finish();
    boolean changed = changes && exchange.response().getStatusCode() < 300;
    if (!changed) {
      close();
      return;
    }
    Time.Timer late = time.after(REFRESHED_WITHIN, this::close);
    engines
        .refresh(backend.id())
        .onComplete(_ -> {
          late.cancel();
          close();
        });
  }

  private void close() {
    if (exchange.isOver()) {
      return;
    }
    exchange.response().end();
    if (uploading) {
      discard();
    }
  }

  /// Whatever else the client sends is not read by anybody. Streams of HTTP/2 end by themselves.
  private void lastOnItsConnection() {
    if (exchange.request().version() != HttpVersion.HTTP_2) {
      exchange.response().putHeader("connection", "close");
    }
  }

  /// The client may still be sending: what it sends is thrown away for a while, because a
  /// connection closed with unread bytes in it takes the answer along.
  private void discard() {
    HttpServerRequest request = exchange.request();
    request.handler(_ -> {});
    request.resume();
    if (request.version() == HttpVersion.HTTP_2) {
      return;
    }
    request.endHandler(_ -> request.connection().close());
    time.after(limits.bodies().linger(), () -> request.connection().close());
  }

  @Override
  public void failed(Failure failure) {
    if (over) {
      return;
    }
    finish();
    if (!headWritten) {
      if (uploading && !exchange.isOver()) {
        lastOnItsConnection();
      }
      exchange.fail(failure);
      if (uploading) {
        discard();
      }
      return;
    }
    if (exchange.isOver()) {
      return;
    }
    // As in any stream of this dialect: an error record, then no proper end.
    chunked();
    exchange
        .response()
        .write(
            Buffer.buffer(Refusals.of(exchange.surface(), failure, "").body()).appendString("\n"))
        .onComplete(_ -> exchange.sever());
  }

  /// The length is known only at the end; an empty answer stays without chunks.
  private void chunked() {
    if (!exchange.response().headWritten() && Severing.chunks(exchange.request())) {
      exchange.response().setChunked(true);
    }
  }

  private void arm(Duration patience) {
    if (timer != null) {
      timer.cancel();
    }
    timer = time.after(patience, () -> silent(patience));
  }

  private void silent(Duration patience) {
    if (over) {
      return;
    }
    if (call != null) {
      call.cancel();
    }
    failed(
        Failure.of(
            FailureCode.ENGINE_STALLED,
            Retry.UNSAFE_MAY_HAVE_ACTED,
            "nothing moved for " + patience.toSeconds() + " s"));
  }

  private void finish() {
    over = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
