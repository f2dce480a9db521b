package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads one request's body within the bounds. What it read counts against the budget until {@link
/// #release()}: the parsed request holds the same amount. Owner loop only.
final class BodyReader {
  /// What is set aside for a body at first, in bytes.
  private static final int FIRST_BYTES = 8 * 1024;

  private final Exchange exchange;
  private final Time time;
  private final GatewayLimits limits;
  private final BodyBudget budget;

  /// Grows with what really came, whatever was announced. One array instead of a list of pieces: a
  /// client that sends byte by byte would make of each a piece.
  private byte[] bytes = {};

  private int read;
  private long taken;
  private boolean finished;
  private Time.@Nullable Timer patience;

  BodyReader(Exchange exchange, Time time, GatewayLimits limits, BodyBudget budget) {
    this.exchange = exchange;
    this.time = time;
    this.limits = limits;
    this.budget = budget;
  }

  /// Reads the body and hands it over, or refuses the request.
  void read(int maxBytes, Consumer<byte[]> whole) {
    HttpServerRequest request = exchange.request();
    exchange.onGone(() -> {
      stop();
      release();
    });
    Optional<String> encoding =
        exchange.header("content-encoding").filter(name -> !name.equalsIgnoreCase("identity"));
    if (encoding.isPresent()) {
      refuse(Failure.invalid("content-encoding: not supported (expected: none)"));
      return;
    }
    if (announced(request) > maxBytes) {
      refuse(tooLarge(maxBytes));
      return;
    }
    request.handler(piece -> take(piece, maxBytes));
    request.endHandler(_ -> {
      if (!finished) {
        stop();
        whole.accept(join());
      }
    });
    arm(limits.bodyIdle());
    if (exchange.header("expect").filter(e -> e.equalsIgnoreCase("100-continue")).isPresent()) {
      request.response().writeContinue();
    }
  }

  /// Gives the budget back: the request's task is over.
  void release() {
    budget.giveBack(taken);
    taken = 0;
  }

  private void take(Buffer piece, int maxBytes) {
    if (finished) {
      return;
    }
    if (read + (long) piece.length() > maxBytes) {
      refuse(tooLarge(maxBytes));
      return;
    }
    if (!budget.take(piece.length())) {
      refuse(
          Failure.of(
                  FailureCode.BUSY,
                  Retry.SAFE_NOT_STARTED,
                  "too many request bodies are in memory at the moment")
              .retryAfter(Duration.ofSeconds(1)));
      return;
    }
    taken += piece.length();
    grow(read + piece.length(), maxBytes);
    piece.getBytes(bytes, read);
    read += piece.length();
    arm(limits.bodyIdle());
  }

  /// Refuses. The client may still be sending: what it sends is thrown away for a while, because a
  /// connection closed with unread bytes in it takes the answer along.
  private void refuse(Failure failure) {
    stop();
    bytes = new byte[0];
    release();
    if (!exchange.isOver()) {
      exchange.response().putHeader("connection", "close");
    }
    exchange.fail(failure);
    HttpServerRequest request = exchange.request();
    request.handler(_ -> {});
    request.endHandler(_ -> request.connection().close());
    if (request.isEnded()) {
      request.connection().close();
    } else {
      time.after(limits.linger(), () -> request.connection().close());
    }
  }

  private void arm(Duration silence) {
    if (patience != null) {
      patience.cancel();
    }
    patience = time.after(silence, this::tired);
  }

  private void tired() {
    if (!finished) {
      refuse(
          Failure.of(
              FailureCode.INVALID_REQUEST,
              Retry.SAFE_NOT_STARTED,
              "body: incomplete (expected: all of it, with no pause longer than "
                  + limits.bodyIdle().toMillis()
                  + " ms)"));
    }
  }

  private void stop() {
    finished = true;
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
  }

  private byte[] join() {
    byte[] whole = read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
    bytes = new byte[0];
    return whole;
  }

  private void grow(int needed, int maxBytes) {
    if (needed <= bytes.length) {
      return;
    }
    long announced = announced(exchange.request());
    long ceiling = announced >= needed ? announced : maxBytes;
    long wished = Math.max(FIRST_BYTES, Math.max(needed, 2L * bytes.length));
    bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(wished, ceiling)));
  }

  private static long announced(HttpServerRequest request) {
    String length = request.getHeader("content-length");
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  private static Failure tooLarge(int maxBytes) {
    return Refusals.pointless(
        FailureCode.TOO_LARGE, "body: too large (expected: at most " + maxBytes + " bytes)");
  }
}
