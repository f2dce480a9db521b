package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
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

  /// HTTP/2's way to say: answered, send no more.
  private static final long NO_ERROR = 0;

  private final Exchange exchange;
  private final Time time;
  private final GatewayLimits.Bodies limits;
  private final BodyBudget budget;
  private final BodyDecoder decoder;

  /// Grows with what really came, whatever was announced. One array instead of a list of pieces: a
  /// client that sends byte by byte would make of each a piece.
  private byte[] bytes = {};

  private int read;
  private long taken;
  private long begunNanos;
  private boolean finished;
  private Time.@Nullable Timer patience;

  BodyReader(
      Exchange exchange,
      Time time,
      GatewayLimits.Bodies limits,
      BodyBudget budget,
      BodyDecoder decoder) {
    this.exchange = exchange;
    this.time = time;
    this.limits = limits;
    this.budget = budget;
    this.decoder = decoder;
  }

  /// Reads the body and hands it over, or refuses the request.
  void read(int maxBytes, Consumer<byte[]> whole) {
    HttpServerRequest request = exchange.request();
    exchange.onGone(() -> {
      stop();
      release();
    });
    Optional<String> named =
        exchange.header("content-encoding").filter(name -> !name.equalsIgnoreCase("identity"));
    Optional<BodyEncoding> encoding = named.flatMap(BodyEncoding::of);
    if (named.isPresent() && encoding.isEmpty()) {
      exchange.response().putHeader("accept-encoding", BodyEncoding.NAMES);
      refuse(
          Failure.invalid(
              "content-encoding: not understood (expected: none, or one of "
                  + BodyEncoding.NAMES
                  + ")"));
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
        encoding.ifPresentOrElse(each -> decode(each, maxBytes, whole), () -> whole.accept(join()));
      }
    });
    begunNanos = time.nanos();
    arm(limits.idle());
    if (exchange.header("expect").filter(e -> e.equalsIgnoreCase("100-continue")).isPresent()) {
      request.response().writeContinue();
    }
  }

  /// What was sent makes room for what it says.
  private void decode(BodyEncoding encoding, int maxBytes, Consumer<byte[]> whole) {
    decoder.decode(
        encoding,
        join(),
        maxBytes,
        decoded -> {
          release();
          switch (decoded) {
            case BodyDecoder.Decoded.Whole(var body) -> {
              taken = body.length;
              if (exchange.isOver()) {
                release();
              } else {
                exchange.guarded(_ -> whole.accept(body));
              }
            }
            case BodyDecoder.Decoded.Refused(var failure) -> exchange.fail(failure);
          }
        });
  }

  /// What counts against the budget now, in bytes.
  long held() {
    return taken;
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
      refuse(noRoom());
      return;
    }
    taken += piece.length();
    grow(read + piece.length(), maxBytes);
    piece.getBytes(bytes, read);
    read += piece.length();
    arm(limits.idle());
    if (isTooSlow()) {
      tired();
    }
  }

  /// Byte by byte a body could hold its connection for years without a pause that is too long.
  private boolean isTooSlow() {
    long late = time.nanos() - begunNanos - limits.idle().toNanos();
    return late > 0 && read < late / 1_000_000_000.0 * limits.leastBytesPerSecond();
  }

  /// Refuses. The client may still be sending: what it sends is thrown away for a while, because a
  /// connection closed with unread bytes in it takes the answer along.
  private void refuse(Failure failure) {
    stop();
    bytes = new byte[0];
    release();
    HttpServerRequest request = exchange.request();
    boolean ownConnection = request.version() != HttpVersion.HTTP_2;
    if (ownConnection && !exchange.isOver()) {
      exchange.response().putHeader("connection", "close");
    }
    exchange.fail(failure);
    Runnable close =
        ownConnection
            ? () -> request.connection().close()
            : () -> request.response().reset(NO_ERROR);
    request.handler(_ -> {});
    if (request.isEnded()) {
      if (ownConnection) {
        close.run();
      }
    } else {
      Time.Timer lingering = time.after(limits.linger(), close);
      request.endHandler(_ -> {
        lingering.cancel();
        if (ownConnection) {
          close.run();
        }
      });
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
                  + limits.idle().toMillis()
                  + " ms, and not byte by byte)"));
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

  static Failure noRoom() {
    return Failure.of(
            FailureCode.BUSY,
            Retry.SAFE_NOT_STARTED,
            "too many request bodies are in memory at the moment")
        .retryAfter(Duration.ofSeconds(1));
  }

  static Failure tooLarge(int maxBytes) {
    return Refusals.pointless(
        FailureCode.TOO_LARGE, "body: too large (expected: at most " + maxBytes + " bytes)");
  }
}
