package dev.tutti.link;

import dev.tutti.backends.Transport;
import dev.tutti.core.Failure;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullUnmarked;

/// What a test heard of one exchange.
@NullUnmarked
public final class Answer implements Transport.Listener {
  public volatile int status;
  public volatile Map<String, String> headers = Map.of();
  public volatile boolean ended;
  public volatile Failure failure;
  public final AtomicLong bytes = new AtomicLong();
  public final AtomicLong afterTheEnd = new AtomicLong();
  public volatile Transport.Exchange exchange;
  private final Buffer body = Buffer.buffer();
  private final boolean stopsReading;

  private Answer(boolean stopsReading) {
    this.stopsReading = stopsReading;
  }

  /// Reads everything.
  public static Answer reading() {
    return new Answer(false);
  }

  /// Stops reading with the first piece.
  public static Answer stalled() {
    return new Answer(true);
  }

  public synchronized String text() {
    return body.toString();
  }

  public boolean over() {
    return ended || failure != null;
  }

  @Override
  public void head(int code, Map<String, String> said) {
    status = code;
    headers = said;
  }

  @Override
  public synchronized void chunk(Buffer piece) {
    if (over()) {
      afterTheEnd.incrementAndGet();
    }
    bytes.addAndGet(piece.length());
    if (body.length() < 2_000_000) {
      body.appendBuffer(piece);
    }
    if (stopsReading) {
      exchange.pause();
    }
  }

  @Override
  public void end() {
    if (over()) {
      afterTheEnd.incrementAndGet();
    }
    ended = true;
  }

  @Override
  public void failed(Failure why) {
    if (over()) {
      afterTheEnd.incrementAndGet();
    }
    failure = why;
  }
}
