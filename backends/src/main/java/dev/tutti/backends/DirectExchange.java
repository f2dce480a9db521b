package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.impl.HttpClientConnectionInternal;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One exchange over a connection of {@link DirectHttp}. Owner loop only.
final class DirectExchange implements Transport.Exchange {
  private final Vertx vertx;
  private final String target;
  private final Transport.Listener listener;
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private boolean beginning;
  private boolean written;
  private boolean paused;
  private boolean over;

  /// @param target the engine's URL, for messages
  DirectExchange(Vertx vertx, String target, Transport.Listener listener) {
    this.vertx = vertx;
    this.target = target;
    this.listener = listener;
  }

  void begin(HttpClient client, RequestOptions options, Buffer body) {
    beginning = true;
    try {
      client.request(options).onComplete(ready -> write(ready, body), refused -> broken(refused));
    } catch (IllegalStateException closed) {
      broken(closed);
    }
    beginning = false;
  }

  private void write(HttpClientRequest ready, Buffer body) {
    request = ready;
    if (over) {
      // Nothing was written: the connection is as good as new.
      ready.reset();
      return;
    }
    ready.exceptionHandler(this::broken);
    ready.response().onComplete(this::head, this::broken);
    ready.end(body).onComplete(_ -> written = true, this::broken);
  }

  private void head(HttpClientResponse answer) {
    if (over) {
      return;
    }
    response = answer;
    answer.exceptionHandler(this::broken);
    answer.handler(this::chunk);
    answer.endHandler(_ -> end());
    if (paused) {
      answer.pause();
    }
    listener.head(answer.statusCode(), headers(answer));
  }

  private static Map<String, String> headers(HttpClientResponse answer) {
    var headers = new HashMap<String, String>();
    answer
        .headers()
        .forEach((name, value) ->
            headers.merge(
                name.toLowerCase(Locale.ROOT), value, (first, next) -> first + ", " + next));
    return headers;
  }

  private void chunk(Buffer bytes) {
    if (!over) {
      listener.chunk(bytes);
    }
  }

  private void end() {
    if (!over) {
      over = true;
      listener.end();
    }
  }

  private void broken(Throwable cause) {
    if (over) {
      return;
    }
    over = true;
    Failure failure = failure(cause);
    abort();
    if (beginning) {
      vertx.runOnContext(_ -> listener.failed(failure));
    } else {
      listener.failed(failure);
    }
  }

  /// An engine cannot have begun before it had the whole request, because the body's length is
  /// announced; so what breaks before the last byte was handed to the kernel is safe to repeat.
  private Failure failure(Throwable cause) {
    if (response != null) {
      return Failure.of(
          FailureCode.BROKEN_STREAM,
          Retry.UNSAFE_MAY_HAVE_ACTED,
          target + " broke off in mid-answer");
    }
    if (request == null || !written) {
      return Failure.of(
          FailureCode.ENGINE_UNREACHABLE,
          Retry.SAFE_NOT_STARTED,
          target + " cannot be reached: " + reason(cause));
    }
    if (cause instanceof IOException || cause instanceof VertxException) {
      return Failure.of(
          FailureCode.ENGINE_UNREACHABLE,
          Retry.UNSAFE_MAY_HAVE_ACTED,
          target + " closed the connection before it answered");
    }
    return Failure.of(
        FailureCode.ENGINE_ERROR,
        Retry.UNSAFE_MAY_HAVE_ACTED,
        target + " answered with something that is not HTTP");
  }

  /// Only the sort of failure: the texts of exceptions repeat the address or say nothing.
  private static String reason(Throwable cause) {
    return switch (cause) {
      case io.netty.channel.ConnectTimeoutException _ -> "no connection in time";
      case java.net.ConnectException _ -> "connection refused";
      case java.net.NoRouteToHostException _ -> "no route to the host";
      case java.net.UnknownHostException _ -> "unknown host";
      case javax.net.ssl.SSLException _ -> "TLS failed";
      case io.vertx.core.http.ConnectionPoolTooBusyException _ -> "too many requests wait for it";
      default -> "connection lost";
    };
  }

  @Override
  public void cancel() {
    if (!over) {
      over = true;
      abort();
    }
  }

  /// Closes the connection now. Vert.x alone would first flush what is still to be written, which
  /// never ends when the engine does not read.
  private void abort() {
    if (request == null) {
      return;
    }
    request.reset();
    if (request.connection() instanceof HttpClientConnectionInternal connection) {
      var _ = connection.channelHandlerContext().close();
    } else {
      request.connection().close();
    }
  }

  @Override
  public void pause() {
    paused = true;
    if (response != null && !over) {
      response.pause();
    }
  }

  @Override
  public void resume() {
    paused = false;
    if (response != null && !over) {
      response.resume();
    }
  }
}
