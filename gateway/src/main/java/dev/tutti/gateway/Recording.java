package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.Time;
import dev.tutti.dialects.ErrorBodies;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One answer as its client gets it, kept so that whoever repeats the request with the same
/// `idempotency-key` gets the very same: from the start what is there, then the rest as it comes.
/// Owner loop only.
final class Recording {
  /// Headers that belong to one exchange and not to the answer.
  private static final Set<String> PASSING =
      Set.of("x-request-id", "request-id", "content-length", "transfer-encoding", "vary");

  private final Time time;
  private final Room room;
  private final List<Exchange> audience = new ArrayList<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private Buffer bytes = Buffer.buffer();
  private State state = State.WAITING;
  private int status;
  private boolean incomplete;
  private boolean ownerLeft;
  private Runnable abandon = () -> {};
  private Time.@Nullable Timer grace;

  /// Memory for all recordings together.
  interface Room {
    /// Whether so many bytes more may be kept, by this recording and by all.
    boolean take(int already, int more);

    /// Gives bytes back.
    void giveBack(int bytes);

    /// Nothing of the answer is to be had any more: who asks again begins anew.
    void forget(Recording recording);

    /// The answer is whole.
    void finished(Recording recording);
  }

  private enum State {
    WAITING,
    RUNNING,
    DONE,
    FORGOTTEN
  }

  Recording(Time time, Room room) {
    this.time = time;
    this.room = room;
  }

  /// Whether the answer is still being made.
  boolean isRunning() {
    return state == State.WAITING || state == State.RUNNING;
  }

  /// Whether everything from the start is there.
  boolean isComplete() {
    return !incomplete && state != State.FORGOTTEN;
  }

  int size() {
    return bytes.length();
  }

  /// Lets the bytes go; that there was an answer stays known.
  void drop() {
    incomplete = true;
    room.giveBack(bytes.length());
    bytes = Buffer.buffer();
  }

  // ---- from the one who answers

  /// Status and headers are out.
  void head(int status, HttpServerResponse response) {
    this.status = status;
    state = State.RUNNING;
    response
        .headers()
        .forEach(header -> {
          if (!PASSING.contains(header.getKey())) {
            headers.put(header.getKey(), header.getValue());
          }
        });
    audience.forEach(this::begin);
  }

  /// The whole answer is out.
  void whole(int status, String contentType, HttpServerResponse response, byte[] body) {
    headers.put("content-type", contentType);
    head(status, response);
    piece(body);
    end();
  }

  /// A piece is out.
  void piece(byte[] piece) {
    if (!incomplete && room.take(bytes.length(), piece.length)) {
      bytes.appendBytes(piece);
    } else if (!incomplete) {
      drop();
    }
    for (Exchange each : List.copyOf(audience)) {
      if (each.response().writeQueueFull()) {
        // Nothing is kept for who reads slower than the answer comes.
        audience.remove(each);
        each.sever();
      } else {
        each.response().write(Buffer.buffer(piece));
      }
    }
  }

  /// The answer is whole.
  void end() {
    state = State.DONE;
    audience.forEach(each -> each.response().end());
    audience.clear();
    stopGrace();
    room.finished(this);
  }

  /// The answer broke off after these last words.
  void broken(byte[] lastWords, GatewayLimits.Answers limits) {
    List<Exchange> listeners = forget();
    listeners.forEach(each -> Severing.severAfter(each.request(), lastWords, time, limits));
  }

  /// There is no answer.
  void failed(Failure failure) {
    forget().forEach(each -> each.fail(failure));
  }

  private List<Exchange> forget() {
    List<Exchange> listeners = List.copyOf(audience);
    audience.clear();
    stopGrace();
    if (state != State.FORGOTTEN) {
      state = State.FORGOTTEN;
      drop();
      room.forget(this);
    }
    return listeners;
  }

  // ---- those who listen

  /// The one who asked first has gone: the work goes on while anybody listens, and for a moment
  /// longer.
  ///
  /// @param abandon ends the work
  void ownerLeft(Runnable abandon) {
    ownerLeft = true;
    this.abandon = abandon;
    maybeAbandon();
  }

  private void maybeAbandon() {
    if (ownerLeft && audience.isEmpty() && isRunning() && grace == null) {
      grace =
          time.after(
              Idempotency.GRACE,
              () -> {
                grace = null;
                if (audience.isEmpty() && isRunning()) {
                  forget();
                  abandon.run();
                }
              });
    }
  }

  private void stopGrace() {
    if (grace != null) {
      grace.cancel();
      grace = null;
    }
  }

  /// Gives the answer to one more: all that is there, and the rest as it comes.
  void attach(Exchange exchange) {
    exchange.response().setWriteQueueMaxSize(Idempotency.RING_BYTES);
    exchange.response().putHeader("x-tutti-replayed", "true");
    if (state == State.DONE) {
      headers.forEach(exchange.response()::putHeader);
      exchange.send(
          status, headers.getOrDefault("content-type", ErrorBodies.JSON), bytes.getBytes());
      return;
    }
    audience.add(exchange);
    exchange.onGone(() -> {
      audience.remove(exchange);
      maybeAbandon();
    });
    if (state == State.RUNNING) {
      begin(exchange);
      exchange.response().write(bytes.copy());
    }
  }

  private void begin(Exchange exchange) {
    HttpServerResponse response = exchange.response();
    headers.forEach(response::putHeader);
    exchange.common();
    response.setStatusCode(status);
    response.setChunked(Severing.chunks(exchange.request()));
  }
}
