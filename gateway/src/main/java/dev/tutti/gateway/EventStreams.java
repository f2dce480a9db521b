package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.FeedEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The event feed for clients, as server-sent events or over a WebSocket: the same JSON objects.
/// Both begin after the id in `Last-Event-ID` or `?after=`, or now. Owner loop only.
final class EventStreams {
  private static final String SSE = "text/event-stream";
  private static final Duration COME_BACK = Duration.ofSeconds(5);

  private final EventFeed feed;
  private final Time time;
  private final GatewayLimits limits;

  EventStreams(EventFeed feed, Time time, GatewayLimits limits) {
    this.feed = feed;
    this.time = time;
    this.limits = limits;
  }

  /// `GET /mesh/v1/events`, whichever way the client asks for.
  void open(Exchange exchange) {
    long after = after(exchange);
    boolean webSocket =
        exchange
            .header("upgrade")
            .filter(value -> value.toLowerCase(Locale.ROOT).equals("websocket"))
            .isPresent();
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      exchange.send(200, SSE, new byte[0]);
    } else if (feed.subscribers() >= EventFeed.MAX_SUBSCRIBERS) {
      exchange.fail(
          Failure.of(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, "too many watch the events")
              .retryAfter(COME_BACK));
    } else if (webSocket) {
      exchange.request().toWebSocket().onSuccess(socket -> watch(socket, after));
    } else {
      stream(exchange, after);
    }
  }

  private long after(Exchange exchange) {
    Optional<String> text = exchange.header("last-event-id").or(() -> exchange.query("after"));
    if (text.isEmpty()) {
      return feed.lastId();
    }
    try {
      return Math.max(0, Long.parseLong(text.get()));
    } catch (NumberFormatException _) {
      throw Refusals.invalid("after: no event id (expected: the id of an event)");
    }
  }

  private void stream(Exchange exchange, long after) {
    HttpServerResponse response = exchange.response();
    exchange.common();
    response.putHeader("content-type", SSE);
    response.putHeader("cache-control", "no-cache");
    response.putHeader("x-accel-buffering", "no");
    response.setChunked(Severing.chunks(exchange.request()));
    response.setWriteQueueMaxSize(limits.answers().maxWriteQueueBytes());
    response.write(": tutti events\n\n");
    var pulse = new Pulse(() -> response.write(": still here\n\n"));
    feed.subscribe(
            after,
            event -> {
              pulse.restart();
              response.write(frame(event));
              return !response.writeQueueFull();
            })
        .ifPresentOrElse(
            subscription -> {
              response.drainHandler(_ -> subscription.resume());
              exchange.onGone(() -> {
                subscription.cancel();
                pulse.stop();
              });
            },
            exchange::sever);
  }

  private static String frame(FeedEvent event) {
    return "id: "
        + event.id()
        + "\nevent: "
        + event.kind().wireName()
        + "\ndata: "
        + JsonText.text(event.toMap())
        + "\n\n";
  }

  private void watch(ServerWebSocket socket, long after) {
    socket.setWriteQueueMaxSize(limits.answers().maxWriteQueueBytes());
    var pulse = new Pulse(() -> socket.writePing(Buffer.buffer()));
    // What a watcher says means nothing to us; it is read so that its pings and its end are seen.
    socket.handler(_ -> {});
    feed.subscribe(
            after,
            event -> {
              pulse.restart();
              socket.writeTextMessage(JsonText.text(event.toMap()));
              return !socket.writeQueueFull();
            })
        .ifPresentOrElse(
            subscription -> {
              socket.drainHandler(_ -> subscription.resume());
              socket.exceptionHandler(_ -> subscription.cancel());
              socket.closeHandler(_ -> {
                subscription.cancel();
                pulse.stop();
              });
            },
            socket::close);
  }

  /// Says something into a long silence, so that nobody in between takes the connection for dead.
  private final class Pulse {
    private final Runnable beat;
    private Time.@Nullable Timer next;
    private boolean stopped;

    Pulse(Runnable beat) {
      this.beat = beat;
      restart();
    }

    void restart() {
      if (next != null) {
        next.cancel();
      }
      if (!stopped) {
        next =
            time.after(
                limits.answers().keepAlive(),
                () -> {
                  beat.run();
                  restart();
                });
      }
    }

    void stop() {
      stopped = true;
      if (next != null) {
        next.cancel();
      }
    }
  }
}
