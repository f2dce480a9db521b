package dev.tutti.backends;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.impl.HttpClientConnectionInternal;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One exchange over a connection of {@link DirectHttp}. Owner loop only.
final class DirectExchange implements Transport.Exchange {
  private static final String LOST = "connection lost";

  private final Vertx vertx;
  private final String target;
  private final Transport.Listener listener;
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;
  private boolean beginning;
  private boolean written;
  private boolean paused;
  private boolean over;

  private final HttpClient client;
  private final Pinned pinned;
  private final RequestOptions options;
  private final Function<HttpClientRequest, Future<Void>> sender;
  private boolean repeated;

  /// @param target the engine's URL, for messages
  /// @param sender sends the body and ends the request
  /// @param repeatable whether it can do so a second time
  DirectExchange(
      Vertx vertx,
      String target,
      HttpClient client,
      Pinned pinned,
      RequestOptions options,
      Function<HttpClientRequest, Future<Void>> sender,
      boolean repeatable,
      Transport.Listener listener) {
    this.vertx = vertx;
    this.target = target;
    this.client = client;
    this.pinned = pinned;
    this.options = options;
    this.sender = sender;
    this.repeated = !repeatable;
    this.listener = listener;
  }

  void begin() {
    beginning = true;
    ask();
    beginning = false;
  }

  private void ask() {
    SocketAddress where = pinned.atOnce();
    if (where == null) {
      pinned.find().onComplete(this::ask, this::broken);
    } else {
      ask(where);
    }
  }

  private void ask(SocketAddress where) {
    if (over) {
      return;
    }
    try {
      client.request(options.setServer(where)).onComplete(this::write, this::broken);
    } catch (IllegalStateException closed) {
      broken(closed);
    }
  }

  private void write(HttpClientRequest ready) {
    if (over) {
      // Nothing was written: the connection is as good as new.
      ready.reset();
      return;
    }
    request = ready;
    written = false;
    ready.exceptionHandler(cause -> broken(ready, cause));
    ready
        .response()
        .onComplete(
            answer -> {
              if (ready.equals(request)) {
                head(answer);
              }
            },
            cause -> broken(ready, cause));
    sender
        .apply(ready)
        .onComplete(
            _ -> {
              if (ready.equals(request)) {
                written = true;
              }
            },
            cause -> broken(ready, cause));
  }

  /// What a request that was given up still tells counts no more.
  private void broken(HttpClientRequest which, Throwable cause) {
    if (which.equals(request)) {
      broken(cause);
    }
  }

  /// An engine may close a connection that was kept alive just when we use it again: that says
  /// nothing about the engine. What it cannot have begun, and any mere question, is sent once more;
  /// if the engine is dead, the new connection is refused at once.
  private boolean repeats(Throwable cause) {
    boolean question =
        options.getMethod().equals(HttpMethod.GET) || options.getMethod().equals(HttpMethod.HEAD);
    boolean lost = reason(cause).equals(LOST);
    if (repeated || response != null || !lost || (written && !question)) {
      return false;
    }
    repeated = true;
    abort();
    request = null;
    written = false;
    ask();
    return true;
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
      if (!written) {
        // It has answered without reading all of the body: nothing more can be asked there.
        abort();
      }
      listener.end();
    }
  }

  private void broken(Throwable cause) {
    if (over || repeats(cause)) {
      return;
    }
    over = true;
    if (request == null) {
      pinned.forget();
    }
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
      case Pinned.Refused refused -> "it has " + refused.getMessage();
      case java.net.UnknownHostException _ -> "unknown host";
      case javax.net.ssl.SSLException _ -> "TLS failed";
      case io.vertx.core.http.ConnectionPoolTooBusyException _ -> "too many requests wait for it";
      case IllegalStateException _ -> "the hub is closing";
      default -> LOST;
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
