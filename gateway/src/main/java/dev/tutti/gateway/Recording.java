package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.Time;
import dev.tutti.dialects.ErrorBodies;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One answer as its client gets it, kept so that whoever repeats the request with the same
/// `idempotency-key` gets the very same: from the start what is there, then the rest as it comes.
/// The one who asked first is served by its own {@link AnswerStream}; here are the others. Owner
/// loop only.
final class Recording {
  /// Headers that belong to the answer and not to one exchange, beside our own.
  private static final Set<String> HEADERS =
      Set.of("content-type", "cache-control", "x-accel-buffering");

  private final Time time;
  private final Room room;
  private final List<Listener> audience = new ArrayList<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private Buffer bytes = Buffer.buffer();
  private State state = State.WAITING;
  private int status;
  private boolean incomplete;
  private boolean ownerLeft;
  private Runnable abandon = () -> {};
  private Time.@Nullable Timer grace;

  /// Where a recording has its memory.
  interface Room {
    /// Whether so many bytes more may be kept.
    boolean take(int more);

    /// Gives bytes back.
    void giveBack(int bytes);

    /// Nothing of the answer is to be had any more: who asks again begins anew.
    void forget();

    /// The answer is whole.
    void finished();
  }

  private enum State {
    /// Nothing is out.
    WAITING,
    /// Status and headers are out.
    RUNNING,
    DONE,
    FORGOTTEN
  }

  /// Somebody who repeated the request while it runs.
  private static final class Listener {
    final Exchange exchange;

    /// How many of the bytes it has been sent.
    int at;

    Listener(Exchange exchange) {
      this.exchange = exchange;
    }
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

  /// Lets the bytes go; that there was an answer stays known. Listeners that have not read so far
  /// cannot go on.
  void drop() {
    if (incomplete) {
      return;
    }
    incomplete = true;
    int length = bytes.length();
    room.giveBack(length);
    bytes = Buffer.buffer();
    for (Listener each : List.copyOf(audience)) {
      if (each.at < length) {
        lose(each);
      }
    }
  }

  private void lose(Listener listener) {
    audience.remove(listener);
    listener.exchange.sever();
  }

  // ---- from the one who answers

  /// Status and headers are out.
  void head(int status, HttpServerResponse response) {
    keepHead(status, response);
    state = State.RUNNING;
    audience.forEach(each -> begin(each.exchange));
  }

  private void keepHead(int status, HttpServerResponse response) {
    this.status = status;
    response
        .headers()
        .forEach((name, value) -> {
          String plain = name.toLowerCase(Locale.ROOT);
          if (HEADERS.contains(plain) || plain.startsWith("x-tutti-")) {
            headers.put(plain, value);
          }
        });
  }

  /// The whole answer is out at once.
  void whole(int status, String contentType, HttpServerResponse response, byte[] body) {
    keepHead(status, response);
    headers.put("content-type", contentType);
    append(body);
    List<Listener> listeners = conclude(State.DONE);
    listeners.forEach(each -> deliver(each.exchange, body));
    room.finished();
  }

  /// A piece is out.
  void piece(byte[] piece) {
    append(piece);
    for (Listener each : List.copyOf(audience)) {
      if (!incomplete) {
        give(each);
      } else if (each.exchange.response().writeQueueFull()) {
        // Nothing is kept for who reads slower than the answer comes.
        lose(each);
      } else {
        each.exchange.response().write(Buffer.buffer(piece));
      }
    }
  }

  private void append(byte[] piece) {
    if (incomplete) {
      return;
    }
    if (bytes.length() + piece.length <= Idempotency.RING_BYTES && room.take(piece.length)) {
      bytes.appendBytes(piece);
    } else {
      drop();
    }
  }

  /// The answer is whole.
  void end() {
    state = State.DONE;
    stopGrace();
    for (Listener each : List.copyOf(audience)) {
      if (incomplete) {
        audience.remove(each);
        each.exchange.response().end();
      } else {
        give(each);
      }
    }
    room.finished();
  }

  /// The answer broke off after these last words.
  void broken(byte[] lastWords, GatewayLimits.Answers limits) {
    int length = bytes.length();
    boolean gaps = !incomplete;
    for (Listener each : forget()) {
      if (gaps && each.at < length) {
        each.exchange.sever();
      } else {
        Severing.severAfter(each.exchange.request(), lastWords, time, limits);
      }
    }
  }

  /// There is no answer.
  void failed(Failure failure) {
    forget().forEach(each -> each.exchange.fail(failure));
  }

  private List<Listener> forget() {
    List<Listener> listeners = conclude(State.FORGOTTEN);
    drop();
    room.forget();
    return listeners;
  }

  private List<Listener> conclude(State last) {
    state = last;
    stopGrace();
    List<Listener> listeners = List.copyOf(audience);
    audience.clear();
    return listeners;
  }

  // ---- the one who asked first

  /// The one who asked first has gone: the work goes on while anybody listens, and for a moment
  /// longer.
  ///
  /// @param abandon ends the work
  void ownerLeft(Runnable abandon) {
    ownerLeft = true;
    this.abandon = abandon;
    awaitReturn();
  }

  private void awaitReturn() {
    if (ownerLeft && audience.isEmpty() && isRunning() && grace == null) {
      grace = time.after(Idempotency.GRACE, this::giveUp);
    }
  }

  private void giveUp() {
    grace = null;
    if (isRunning()) {
      forget();
      abandon.run();
    }
  }

  private void stopGrace() {
    if (grace != null) {
      grace.cancel();
      grace = null;
    }
  }

  // ---- those who listen

  /// Gives the answer to one more: all that is there, and the rest as it comes.
  void attach(Exchange exchange) {
    exchange.response().putHeader("x-tutti-replayed", "true");
    if (state == State.DONE) {
      deliver(exchange, bytes.getBytes());
      return;
    }
    stopGrace();
    var listener = new Listener(exchange);
    audience.add(listener);
    exchange.onGone(() -> {
      audience.remove(listener);
      awaitReturn();
    });
    if (state == State.RUNNING) {
      begin(exchange);
      give(listener);
    }
  }

  private void deliver(Exchange exchange, byte[] whole) {
    headers.forEach(exchange.response()::putHeader);
    exchange.send(status, headers.getOrDefault("content-type", ErrorBodies.JSON), whole);
  }

  private void begin(Exchange exchange) {
    HttpServerResponse response = exchange.response();
    headers.forEach(response::putHeader);
    exchange.common();
    response.setStatusCode(status);
    response.setChunked(Severing.chunks(exchange.request()));
  }

  /// Sends what is there and not yet sent, as far as the listener reads. Slow ones do not hold up
  /// the others: they catch up as long as the bytes are kept.
  private void give(Listener listener) {
    if (!audience.contains(listener)) {
      return;
    }
    HttpServerResponse response = listener.exchange.response();
    if (listener.at < bytes.length()) {
      if (response.writeQueueFull()) {
        response.drainHandler(_ -> give(listener));
        return;
      }
      response.write(bytes.getBuffer(listener.at, bytes.length()));
      listener.at = bytes.length();
    }
    if (state == State.DONE) {
      audience.remove(listener);
      response.end();
    }
  }
}
